"""The restic program, run once for each verb.

The password goes through the environment of the child, never through arguments, which everybody
on the machine can read. Written for restic 0.14 (Debian 12) and newer.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tame_components.ops.snapshots.errors import (
    RepositoryInUse,
    RepositoryRefused,
    ResticMissing,
)


_PATIENCE = 60.0
"""Seconds to wait for another restic: a `prune` by hand, or one whose parent was killed."""
_PAUSE = 0.2
_TELLING = 3
"""Tries after which waiting is told."""
_LOCKED = "already locked"
_REMOTE = re.compile(r"^(?:sftp|rest|s3|swift|b2|azure|gs|rclone):")


@dataclass(frozen=True)
class Restic:
    """restic, for one repository."""

    place: str
    """A directory, or any of restic's remote places, e.g. `rclone:gdrive:tame`."""
    password: str = field(repr=False)
    inherit: tuple[int, ...] = ()
    """Descriptors that every restic keeps open while it lives."""
    say: Callable[[str], None] = lambda _: None
    """Is told of waiting."""

    @property
    def is_remote(self) -> bool:
        """Whether the repository is not simply a directory."""
        return _REMOTE.match(self.place) is not None

    def run(
        self,
        verb: str,
        *arguments: str,
        cwd: Path | None = None,
        each_line: Callable[[str], None] | None = None,
    ) -> str:
        """What restic prints. A dead process's lock is taken away, a living one's waited for."""
        deadline = time.monotonic() + _PATIENCE
        code, said, why = self._call(verb, arguments, cwd, each_line)
        tries = 0
        while code and _LOCKED in why:
            if time.monotonic() > deadline:
                raise RepositoryInUse(self.place, _in_one_line(why))
            if (tries := tries + 1) == _TELLING:
                self.say("repository: locked, waiting for another restic")
            self._call("unlock", (), None, None)
            time.sleep(_PAUSE)
            code, said, why = self._call(verb, arguments, cwd, each_line)
        if code:
            raise RepositoryRefused(self.place, verb, _in_one_line(why) or f"exit code {code}")
        return said

    def _call(
        self,
        verb: str,
        arguments: Sequence[str],
        cwd: Path | None,
        each_line: Callable[[str], None] | None,
    ) -> tuple[int, str, str]:
        command = [_program(), "--repo", self.place, *self._cache(), verb, *arguments]
        said: list[str] = []
        with (
            tempfile.TemporaryFile("w+") as errors,
            subprocess.Popen(
                command,
                cwd=cwd,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                pass_fds=self.inherit,
            ) as running,
        ):
            assert running.stdout is not None  # noqa: S101 - it was asked for
            for line in running.stdout:
                if each_line is not None:
                    each_line(line)
                else:
                    said.append(line)
            code = running.wait()
            errors.seek(0)
            return code, "".join(said), errors.read()

    def _cache(self) -> tuple[str, ...]:
        return () if self.is_remote else ("--no-cache",)

    def _environment(self) -> Mapping[str, str]:
        wrong = ("RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND", "RESTIC_REPOSITORY_FILE")
        others = {key: value for key, value in os.environ.items() if key not in wrong}
        return {**others, "RESTIC_PASSWORD": self.password, "RESTIC_PROGRESS_FPS": "2"}


def _program() -> str:
    program = shutil.which("restic")
    if program is None:
        raise ResticMissing
    return program


def require_restic() -> None:
    """Raises ResticMissing where there is no `restic`."""
    _program()


def _in_one_line(text: str) -> str:
    lines = [line.strip().removeprefix("Fatal: ") for line in text.splitlines()]
    return "; ".join(line for line in lines if line)[:600]
