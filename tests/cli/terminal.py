"""`tame` on a terminal of its own, with somebody who types."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self


_PATIENCE = 120.0
_START = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C and hidden input work
{before}
from tame_components.cli import main
sys.argv = ["tame", *sys.argv[1:]]
main()
"""


class Terminal:
    """One call of `tame` in a pseudo terminal."""

    def __init__(self, *arguments: str, cwd: Path, before: str = "", **env: str) -> None:
        """Start it.

        Args:
            arguments: of `tame`.
            cwd: where.
            before: Python that is run first, in the same process.
            env: on top of this process's environment.
        """
        self._keyboard, end = pty.openpty()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START.format(before=before), *arguments],
                cwd=cwd,
                env={**os.environ, "TERM": "dumb", **env},
                stdin=end,
                stdout=end,
                stderr=end,
                start_new_session=True,
            )
        finally:
            os.close(end)
        self.screen = ""
        """All that was shown so far."""

    def shows(self, text: str) -> None:
        """Wait until *text* appears behind what was waited for before."""
        start = getattr(self, "_seen", 0)
        deadline = time.monotonic() + _PATIENCE
        while text not in self.screen[start:]:
            if not self._read(deadline):
                raise AssertionError(f"`{text}` never appeared; the screen: {self.screen}")
        self._seen = self.screen.index(text, start) + len(text)

    def types(self, text: str) -> None:
        """Press keys: line feed is Enter, ETX Ctrl-C, EOT Ctrl-D."""
        os.write(self._keyboard, text.encode())

    def ends(self) -> int:
        """Wait for the end; its exit code."""
        deadline = time.monotonic() + _PATIENCE
        while self._read(deadline):
            pass
        return self._process.wait(_PATIENCE)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._keyboard], [], [], max(0, deadline - time.monotonic()))
        try:
            read = os.read(self._keyboard, 65536) if ready else b""
        except OSError:  # EIO: the other end is closed
            read = b""
        self.screen += read.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._keyboard)
