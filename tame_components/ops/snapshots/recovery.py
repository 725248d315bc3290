"""Paying what the journal owes: files back in place, containers started again."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from tame_components.domain.base import Frozen
from tame_components.ops.snapshots import journal
from tame_components.ops.snapshots.containers import Engine, start_again, stop
from tame_components.ops.snapshots.copying import Scope
from tame_components.ops.snapshots.errors import CopyFailed, ServiceNotBack
from tame_components.ops.snapshots.journal import Files, Moving, Note
from tame_components.ops.snapshots.moving import move_contents, remove_contents
from tame_components.ops.snapshots.places import Workplace


class Recovered(Frozen):
    """What an interrupted run had left, and is put right."""

    verb: str
    service: str
    started: tuple[str, ...]
    put_back: bool
    """Whether the state from before a restore had to be put back."""


def recover(place: Workplace, connect: Callable[[], Engine]) -> Recovered | None:
    """Put right what an interrupted run left; the caller holds the lock.

    Doing it again after an interruption finishes it.

    Returns:
        None: nothing was owed.

    Raises:
        JournalUnreadable: what is owed cannot be told.
        CopyFailed: files cannot be put back.
        ServiceNotBack: a container does not start; the debt stays noted.
        EngineUnreachable: the engine does not answer.
    """
    note = journal.read(place.journal)
    if note is None:
        return None
    engine = connect()
    if not note.stopped:
        await_stops(engine, note)
    put_back = put_back_files(place.journal, note, engine)
    failed = start_again(engine, note.containers)
    if failed:
        raise ServiceNotBack(failed)
    journal.clear(place.journal)
    return Recovered(
        verb=note.verb, service=note.service, started=note.containers, put_back=put_back
    )


def await_stops(engine: Engine, note: Note) -> None:
    """Let every container of *note* stop: an order to stop outlives who gave it.

    A start before it is done would find the container running, do nothing, and be lost.
    """
    for container in reversed(note.containers):
        with contextlib.suppress(OSError):  # it is started next, patiently, whatever this is
            stop(engine, container, note.grace)


def put_back_files(path: Path, note: Note, engine: Engine) -> bool:
    """Undo what a restore did to the files; whether it had done anything.

    Raises:
        CopyFailed: files cannot be put back.
    """
    files = note.files
    if files is None or files.moving in {Moving.NOTHING, Moving.DONE}:
        return False
    for container in note.containers:
        stop(engine, container, note.grace)
    try:
        _undo(path, note, files)
    except OSError as error:
        raise CopyFailed(note.service, files.state, error.strerror or str(error)) from error
    return True


def _undo(path: Path, note: Note, files: Files) -> None:
    state, quarantine = Path(files.state), Path(files.quarantine)
    scope = Scope(files.excludes)
    if files.moving is Moving.IN:
        remove_contents(state, scope)
        # From here on what lies in place is the old state, and must not be removed again.
        files = files.model_copy(update={"moving": Moving.AWAY})
        journal.write(path, note.model_copy(update={"files": files}))
    if quarantine.is_dir():
        move_contents(quarantine, state, Scope())
        quarantine.rmdir()
    files = files.model_copy(update={"moving": Moving.NOTHING})
    journal.write(path, note.model_copy(update={"files": files}))
