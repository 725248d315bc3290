"""The machine of a stack's engine: this one, or another one by the `ssh` program."""

import http.client
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tame_components.ops import over_ssh


_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Host:
    """Where commands are run that the engine cannot run for us."""

    engine: str
    """Its engine, as `tame:engine` says it."""

    @property
    def here(self) -> bool:
        """Whether it is this machine."""
        return self.engine.startswith("unix://")

    @property
    def python(self) -> str:
        """An interpreter there; another machine's needs nothing but its standard library."""
        return sys.executable if self.here else "python3"

    def command(self, *words: str) -> list[str]:
        """*words*, to be run there."""
        return list(words) if self.here else [*over_ssh.reach(self.engine), shlex.join(words)]

    def run(self, *words: str, patience: float = _PATIENCE) -> subprocess.CompletedProcess[bytes]:
        """Run *words* there to their end.

        Raises:
            OSError: the program is not here, or does not end within *patience* seconds.
        """
        try:
            return subprocess.run(
                self.command(*words),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"`{words[0]}` does not end in {patience:.0f} s") from error

    def connection(self, address: str, port: int, timeout: float) -> http.client.HTTPConnection:
        """HTTP to an address that this host reaches, e.g. a container's."""
        if self.here:
            return http.client.HTTPConnection(address, port, timeout=timeout)
        return over_ssh.connection(self.engine, address, port, timeout)

    def obstacle(self, programs: Sequence[str] = ("python3", "ip", "nsenter")) -> str | None:
        """Why nobody can look into its namespaces and files; None where one can."""
        if not self.engine.startswith(("unix://", "ssh://")):
            return "the engine runs on another machine, and is not reached over ssh"
        there = 'command -v "$0" "$@" >/dev/null || exit 3; exit $(( $(id -u) != 0 ))'
        try:
            code = self.run("sh", "-c", there, *programs).returncode
        except OSError as error:
            return f"its host does not answer: {error}"
        return {
            0: None,
            1: "only root can look into a container's namespaces",
            3: f"its host lacks one of {', '.join(programs)}",
        }.get(code, f"its host does not answer (ssh: {code})")
