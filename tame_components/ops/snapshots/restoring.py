"""A restore as planned: looked at before anything stops, undone where the service stays unwell."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tame_components.domain.base import Frozen
from tame_components.ops.snapshots import journal
from tame_components.ops.snapshots.catalogue import STATE, Snapshot, differences
from tame_components.ops.snapshots.containers import start_again, wait_until_well
from tame_components.ops.snapshots.copying import Scope, walk
from tame_components.ops.snapshots.errors import (
    CopyFailed,
    DatabaseUnsound,
    RestoreUndone,
    ServiceNotBack,
    SnapshotIncomplete,
)
from tame_components.ops.snapshots.execute import Executor, inspected
from tame_components.ops.snapshots.journal import Files, Moving, Note
from tame_components.ops.snapshots.moving import discard, give_to, move_contents, settle
from tame_components.ops.snapshots.plan import RestorePlan
from tame_components.ops.snapshots.recovery import put_back_files
from tame_components.ops.snapshots.sqlite import SIDECARS


class Restored(Frozen):
    """A restore that was done."""

    service: str
    snapshot: Snapshot
    quarantine: str
    """What was there before."""
    started: bool


@dataclass(frozen=True)
class Restorer:
    """Carries out restores; the caller holds the stack's lock."""

    executor: Executor

    def restore(self, plan: RestorePlan) -> Restored:
        """Give the service the snapshot's state.

        Raises:
            SnapshotIncomplete, RepositoryRefused: nothing was stopped.
            RestoreUndone: the state from before is back, and the service started if it ran.
            ServiceNotBack: it does not start; the journal keeps the debt.
        """
        do = self.executor
        incoming = self.fetch(plan)
        self._hand_over(plan, incoming / STATE)
        settle(incoming / STATE)  # a power cut after the exchange must not find empty files
        note = self._note(plan)
        journal.write(do.place.journal, note)
        try:
            self._exchange(plan, note, incoming / STATE)
        except (OSError, CopyFailed, RestoreUndone) as error:
            raise self._undo(plan, error) from error
        journal.clear(do.place.journal)
        discard([incoming])
        do.say(f"{plan.service}: restored; what was there is in {plan.quarantine}")
        return Restored(
            service=plan.service,
            snapshot=plan.snapshot,
            quarantine=plan.quarantine,
            started=plan.start,
        )

    def fetch(self, plan: RestorePlan) -> Path:
        """The snapshot beside the service, which runs on; every file and row is there.

        Raises:
            SnapshotIncomplete, RepositoryRefused: it is not what was saved, or cannot be had.
        """
        do = self.executor
        incoming = do.place.incoming / plan.service
        discard([incoming])
        do.say(f"{plan.service}: fetching {plan.snapshot.id} of {plan.taken}")
        do.repository.restore(plan.snapshot.id, incoming)
        self._check(plan, incoming / STATE)
        return incoming

    def _check(self, plan: RestorePlan, state: Path) -> None:
        """Raises SnapshotIncomplete where the copy is not what was saved."""
        record = plan.snapshot.record
        try:
            found = [
                inspected(plan.service, state, one.path, must_hold=False)
                for one in record.databases
                if (state / one.path).is_file()
            ]
        except DatabaseUnsound as error:
            raise SnapshotIncomplete(plan.service, plan.snapshot.id, [error.what]) from error
        files = sum(not entry.is_dir(follow_symlinks=False) for _, entry in walk(state, Scope()))
        wrong = differences(record, found, files)
        if wrong:
            raise SnapshotIncomplete(plan.service, plan.snapshot.id, wrong)
        self.executor.say(f"{plan.service}: {files} files and all rows are as recorded")

    def _hand_over(self, plan: RestorePlan, state: Path) -> None:
        """Files of the user that the service had then go to the one that it has now."""
        uid, group = map(int, plan.owner.split(":"))
        old = int(plan.snapshot.record.owner.split(":")[0])
        if old != uid:
            give_to(state, old, uid, group)

    def _note(self, plan: RestorePlan) -> Note:
        files = Files(state=plan.state, quarantine=plan.quarantine, excludes=plan.excludes)
        wanted = plan.container is not None and (plan.runs or plan.start)
        return Note(
            verb="restore",
            service=plan.service,
            containers=(plan.container,) if wanted and plan.container else (),
            grace=plan.grace,
            files=files,
        )

    def _exchange(self, plan: RestorePlan, note: Note, incoming: Path) -> None:
        do, state, quarantine = self.executor, Path(plan.state), Path(plan.quarantine)
        scope = Scope(plan.excludes)
        if plan.container:
            do.say(f"{plan.service}: stopping, its files are replaced")
            do.stop_container(plan.service, plan.container, plan.grace)
        note = self._moving(note, Moving.AWAY)
        if state.is_dir():
            move_contents(state, quarantine, scope)
        _leave_no_sidecars(plan, state, quarantine)
        note = self._moving(note, Moving.IN)
        if not state.is_dir():
            self._make(plan, state)
        move_contents(incoming, state, scope)
        self._moving(note, Moving.DONE)
        if plan.start and plan.container:
            self._start(plan, plan.container)

    def _moving(self, note: Note, how_far: Moving) -> Note:
        assert note.files is not None  # noqa: S101 - a restore's note has them
        files = note.files.model_copy(update={"moving": how_far})
        note = note.model_copy(update={"files": files, "stopped": True})
        journal.write(self.executor.place.journal, note)
        return note

    def _make(self, plan: RestorePlan, state: Path) -> None:
        uid, group = map(int, plan.owner.split(":"))
        state.mkdir(parents=True)
        os.chown(state, uid, group)
        state.chmod(plan.snapshot.record.mode)

    def _start(self, plan: RestorePlan, container: str) -> None:
        do = self.executor
        do.say(f"{plan.service}: starting")
        failed = start_again(do.engine, [container])
        why = failed.get(container) or wait_until_well(do.engine, container, plan.wait)
        if why:
            raise RestoreUndone(plan.service, why)

    def _undo(self, plan: RestorePlan, error: Exception) -> Exception:
        """Put everything back as it was; the error to raise."""
        do = self.executor
        do.say(f"{plan.service}: the restore failed, putting the present state back")
        note = journal.read(do.place.journal)
        if note is not None and note.files is not None:
            if note.files.moving is Moving.DONE:
                note = self._moving(note, Moving.IN)
            put_back_files(do.place.journal, note, do.engine)
            back = note.containers if plan.runs else ()
            failed = start_again(do.engine, back)
            if failed:
                return ServiceNotBack(failed)
            journal.clear(do.place.journal)
        if isinstance(error, RestoreUndone):
            return error
        return RestoreUndone(plan.service, getattr(error, "what", None) or str(error))


def _leave_no_sidecars(plan: RestorePlan, state: Path, quarantine: Path) -> None:
    """An old `-wal` beside a restored database is replayed into it, silently (SQLite 3.40)."""
    for one in plan.snapshot.record.databases:
        for old in _sidecars(state, one.path):
            beside = quarantine / old.relative_to(state)
            beside.parent.mkdir(parents=True, exist_ok=True)
            old.rename(beside)


def _sidecars(state: Path, path: str) -> Sequence[Path]:
    beside = [state / f"{path}{suffix}" for suffix in SIDECARS]
    return [one for one in beside if one.exists()]
