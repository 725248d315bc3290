"""Where snapshots work on the host, and the one lock of a stack.

Everything lies below `<config_root>/.snapshots`, on the file system of the state directories, so
that moving is a rename. No service can have that name: service names start with a letter.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tame_components.ops.snapshots.errors import SnapshotsBusy


FOLDER = ".snapshots"
_PATIENCE = 20.0
"""Seconds to wait for the lock: a guardian that starts services holds it for moments."""
_ORPHAN = 600.0
"""Seconds to wait for a restic whose parent was killed; it ends at its next word of progress."""
_PAUSE = 0.05
_A_MOMENT = 1.5
"""Seconds after which waiting is told."""

Tell = Callable[[str], None]


def _to_nobody(_line: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Workplace:
    """The directories and files of one stack's snapshots."""

    root: Path
    stack: str

    @property
    def journal(self) -> Path:
        """What was stopped and must be started again; see journal.py."""
        return self.root / "journal.json"

    @property
    def staging(self) -> Path:
        """Copies that are on their way into the repository. Leftovers are worthless."""
        return self.root / "staging"

    @property
    def incoming(self) -> Path:
        """Copies that came out of the repository and are being looked at. Worthless too."""
        return self.root / "incoming"

    @property
    def quarantine(self) -> Path:
        """What restores replaced, by service and time. Never removed by TAME."""
        return self.root / "quarantine"

    def prepare(self) -> None:
        """Make the directory: it will hold copies of secrets."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    @contextlib.contextmanager
    def held(self, patience: float = _PATIENCE, tell: Tell = _to_nobody) -> Iterator[None]:
        """The lock of the stack's snapshots. The kernel frees it however the holder ends.

        Args:
            patience: seconds to wait for it.
            tell: is told where that takes more than a moment.

        Raises:
            SnapshotsBusy: somebody else has it, and keeps it longer than *patience* seconds.
        """
        self.prepare()
        holder = _holder(self.root / "lock")
        with _locked(self.root / "lock", patience, lambda: tell(f"waiting for {holder}")) as file:
            if file is None:
                raise SnapshotsBusy(self.stack, holder)
            os.ftruncate(file, 0)
            os.write(file, f"process {os.getpid()}".encode())
            yield

    @contextlib.contextmanager
    def uploading(self, tell: Tell = _to_nobody) -> Iterator[int]:
        """A descriptor that every restic inherits: while one of them lives, nobody else gets it.

        A restic whose parent was killed still reads the staging directory.
        """
        orphan = "a restic whose backup was killed"
        with _locked(
            self.root / "restic.lock", _ORPHAN, lambda: tell(f"waiting for {orphan}")
        ) as file:
            if file is None:
                raise SnapshotsBusy(self.stack, orphan)
            yield file


@contextlib.contextmanager
def _locked(path: Path, patience: float, waits: Callable[[], None]) -> Iterator[int | None]:
    """The open, locked file; None where it stays somebody else's."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield file if _flock(file, patience, waits) else None
    finally:
        os.close(file)


def _flock(file: int, patience: float, waits: Callable[[], None]) -> bool:
    begun = time.monotonic()
    told = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - begun
            if waited >= patience:
                return False
            if waited > _A_MOMENT and not told:
                told = True
                waits()
            time.sleep(_PAUSE)
        else:
            return True


def _holder(path: Path) -> str:
    try:
        return path.read_text().strip() or "another process"
    except OSError:
        return "another process"
