"""One process at a time, by a lock on a file; and what a person is told who waits for it."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path


_PAUSE = 0.05
_A_MOMENT = 1.5
"""Seconds after which waiting is told."""

Tell = Callable[[str], None]


def to_nobody(_line: str) -> None:
    """Nobody listens."""


@contextlib.contextmanager
def held(
    path: Path,
    busy: Callable[[str], Exception],
    *,
    patience: float,
    tell: Tell = to_nobody,
    holder: str = "",
    doing: str = "",
) -> Iterator[int]:
    """Hold the lock on *path*, and yield its descriptor. The kernel frees it however this ends.

    A child that inherits the descriptor holds it too, for as long as it lives.

    Args:
        path: a file, made where it is missing, in a directory that is there.
        busy: makes the error, of who holds it.
        patience: seconds to wait; 0: not at all.
        tell: hears for whom and how long, where it takes more than a moment.
        holder: who it is, where only one can be. Default: the process that says so in the file.
        doing: what this process says there of itself, beside its id.

    Raises:
        Exception: what *busy* makes: somebody else holds it for longer than *patience*.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        begun, told = time.monotonic(), False
        while not _taken(file):
            waited = time.monotonic() - begun
            if waited >= patience:
                raise busy(holder or _noted(file))
            if waited >= _A_MOMENT and not told:
                told = True
                tell(f"waiting for {holder or _noted(file)}, up to {patience:.0f} s")
            time.sleep(_PAUSE)
        _note(file, doing)
        yield file
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(file: int, doing: str) -> None:
    who = f"{doing}, process {os.getpid()}" if doing else f"process {os.getpid()}"
    with contextlib.suppress(OSError):  # a full disk keeps nobody from working alone
        os.ftruncate(file, 0)
        os.pwrite(file, who.encode(), 0)


def _noted(file: int) -> str:
    return os.pread(file, 100, 0).decode(errors="replace").strip() or "another process"
