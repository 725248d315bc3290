"""Where snapshots work on the host, and the one lock of a stack.

Everything lies below `<config_root>/.snapshots`, on the file system of the state directories, so
that moving is a rename. No service can have that name: service names start with a letter.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tame_components.ops import exclusive
from tame_components.ops.exclusive import Tell, to_nobody
from tame_components.ops.snapshots.errors import SnapshotsBusy


FOLDER = ".snapshots"
_PATIENCE = 20.0
"""Seconds to wait for the lock: a guardian that starts services holds it for moments."""
_ORPHAN = 600.0
"""Seconds to wait for a restic whose parent was killed; it ends at its next word of progress."""


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
    def held(self, patience: float = _PATIENCE, tell: Tell = to_nobody) -> Iterator[None]:
        """The lock of the stack's snapshots.

        Args:
            patience: seconds to wait for it.
            tell: is told where that takes more than a moment.

        Raises:
            SnapshotsBusy: somebody else has it, and keeps it longer than *patience* seconds.
        """
        self.prepare()
        with exclusive.held(self.root / "lock", self._busy, patience=patience, tell=tell):
            yield

    @contextlib.contextmanager
    def uploading(self, tell: Tell = to_nobody) -> Iterator[int]:
        """A descriptor that every restic inherits: while one of them lives, nobody else gets it.

        A restic whose parent was killed still reads the staging directory.
        """
        path, orphan = self.root / "restic.lock", "a restic whose backup was killed"
        with exclusive.held(path, self._busy, patience=_ORPHAN, tell=tell, holder=orphan) as file:
            yield file

    def _busy(self, holder: str) -> SnapshotsBusy:
        return SnapshotsBusy(self.stack, holder)
