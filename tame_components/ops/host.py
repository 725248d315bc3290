"""The machine of a stack's engine: this one, or another one by the `ssh` program."""

import http.client
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from tame_components.domain.hosts import is_local


_PATIENCE = 60.0
_SSH_FAILED = 255
"""What `ssh` ends with where it is what failed, and not the command: ssh(1), EXIT STATUS."""
_MOUNTS = "/proc/self/mountinfo"
_DF = 'one=$1; while ! [ -e "$one" ]; do one=$(dirname "$one"); done; exec df -Pk "$one"'
_TOTAL, _FREE = 1, 3
"""Columns of the last line of POSIX df, in KiB."""


@dataclass(frozen=True, slots=True)
class Disk:
    """What a path lies on, in bytes."""

    total: int
    free: int
    """For those who are not root."""


@dataclass(frozen=True, slots=True)
class Host:
    """Where commands are run that the engine cannot run for us."""

    engine: str
    """Its engine, as `tame:engine` says it."""

    @property
    def here(self) -> bool:
        """Whether it is this machine."""
        return is_local(self.engine)

    @property
    def name(self) -> str:
        """What people call it."""
        return "this machine" if self.here else urlsplit(self.engine).hostname or self.engine

    @property
    def python(self) -> str:
        """An interpreter there; another machine's needs nothing but its standard library."""
        return sys.executable if self.here else "python3"

    def command(self, *words: str) -> list[str]:
        """*words*, to be run there."""
        if self.here:
            return list(words)
        from tame_components.ops import over_ssh  # noqa: PLC0415 - most engines are here

        return [*over_ssh.reach(self.engine), shlex.join(words)]

    def run(
        self, *words: str, patience: float = _PATIENCE, into: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run *words* there to their end; what they print goes to the file *into*, if there is one.

        Raises:
            ConnectionError: it is another machine, and that does not answer.
            OSError: the program is not here, or does not end within *patience* seconds.
        """
        try:
            done = subprocess.run(
                self.command(*words),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if into is None else into,
                stderr=subprocess.PIPE,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"`{words[0]}` does not end in {patience:.0f} s") from error
        if done.returncode == _SSH_FAILED and not self.here:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise ConnectionError(said[-1] if said else "`ssh` says nothing")
        return done

    def has(self, path: str) -> bool:
        """Whether there is something at *path*.

        Raises:
            OSError: its host does not answer.
        """
        return Path(path).exists() if self.here else self.run("test", "-e", path).returncode == 0

    def texts(self, *paths: str) -> dict[str, str]:
        """What those of the files at *paths* hold that can be read; made for those of proc(5).

        Raises:
            OSError: its host does not answer.
        """
        if self.beyond or not paths:
            return {}
        if self.here:
            return {path: text for path in paths if (text := _text(path)) is not None}
        # One connection for all of them; a path of proc has no `:` in it.
        said = self.run("grep", "-s", "-H", "", "--", *paths).stdout.decode(errors="replace")
        found: dict[str, str] = {}
        for line in said.splitlines(keepends=True):
            path, _, rest = line.partition(":")
            found[path] = found.get(path, "") + rest
        return found

    def mounts(self) -> str | None:
        """Its `/proc/self/mountinfo`; None where nobody can read it. Raises what `texts` raises."""
        return self.texts(_MOUNTS).get(_MOUNTS)

    def connection(self, address: str, port: int, timeout: float) -> http.client.HTTPConnection:
        """HTTP to an address that this host reaches, e.g. a container's."""
        if self.here:
            return http.client.HTTPConnection(address, port, timeout=timeout)
        from tame_components.ops import over_ssh  # noqa: PLC0415 - see `command`

        return over_ssh.connection(self.engine, address, port, timeout)

    def disk(self, path: str) -> Disk | None:
        """The disk below *path*, which need not exist yet; None where nobody can tell.

        Raises:
            OSError: its host does not answer.
        """
        if self.beyond:
            return None
        if self.here:
            there = (one for one in (Path(path), *Path(path).parents) if one.exists())
            usage = shutil.disk_usage(next(there))
            return Disk(usage.total, usage.free)
        said = self.run("sh", "-c", _DF, "sh", path).stdout.decode(errors="replace")
        columns = said.splitlines()[-1].split() if said else []
        try:
            return Disk(int(columns[_TOTAL]) * 1024, int(columns[_FREE]) * 1024)
        except (IndexError, ValueError):
            return None

    @property
    def beyond(self) -> str | None:
        """Why nothing of it can be reached but its engine; None where something can."""
        if self.engine.startswith(("unix://", "ssh://")):
            return None
        return "the engine runs on another machine, and is not reached over ssh"

    def obstacle(self, programs: Sequence[str] = ("python3", "ip", "nsenter")) -> str | None:
        """Why nobody can look into its namespaces and files; None where one can."""
        if self.beyond:
            return self.beyond
        there = 'command -v "$0" "$@" >/dev/null || exit 3; exit $(( $(id -u) != 0 ))'
        try:
            code = self.run("sh", "-c", there, *programs).returncode
        except OSError as error:
            return f"its host does not answer: {error}"
        return {
            0: None,
            1: "only root can look into a container's namespaces",
            3: f"its host lacks one of {', '.join(programs)}",
        }.get(code, f"its host cannot run a shell (code {code})")


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text("utf-8", errors="replace")
    except OSError:
        return None
