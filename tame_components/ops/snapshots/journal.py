"""What was stopped and must be started again, on the disk before it is stopped.

Whoever survives reads it: the verb itself, its guardian, or the next `tame backup`. A restore also
notes how far it came with moving files, so that the state from before can be put back.
"""

from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from tame_components.domain.base import Frozen
from tame_components.ops import durable
from tame_components.ops.snapshots.errors import JournalUnreadable


class Moving(StrEnum):
    """How far a restore came with the files."""

    NOTHING = "nothing"
    """Every file is where it was."""
    AWAY = "away"
    """The present state is on its way into quarantine; nothing of the snapshot is in place."""
    IN = "in"
    """All of the present state is in quarantine; the snapshot is on its way in."""
    DONE = "done"
    """The snapshot is in place, all of it, and was checked before."""


class Files(Frozen):
    """The files of a restore."""

    state: str
    """The service's state directory."""
    quarantine: str
    excludes: tuple[str, ...]
    """What is never moved; see copying.Scope."""
    moving: Moving = Moving.NOTHING


class Note(Frozen):
    """What one run owes."""

    version: int = 1
    verb: str
    """`backup` or `restore`."""
    service: str
    containers: tuple[str, ...]
    """By name, in the order in which they are started; they stop the other way round."""
    grace: int
    """Seconds that the slowest of them has to stop."""
    stopped: bool = False
    """Whether all have stopped. Until then the engine may still be about to stop one."""
    files: Files | None = None


def write(path: Path, note: Note) -> None:
    """Make *note* the journal: after this, not even a power cut loses it."""
    durable.write(path, note.model_dump_json(indent=2))


def read(path: Path) -> Note | None:
    """The journal; None where nothing is owed.

    Raises:
        JournalUnreadable: it is damaged.
    """
    try:
        return Note.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValidationError, OSError) as error:
        raise JournalUnreadable(str(path), str(error).splitlines()[0]) from error


def clear(path: Path) -> None:
    """Nothing is owed any more."""
    path.unlink(missing_ok=True)
    durable.sync_folder(path.parent)
