"""Snapshots of a stack, for whoever needs them: the command line, a promotion, the agent.

    snapshots = Snapshots(topology, connect, password)
    before = snapshots.snapshot("radarr", why="before a promotion")
    snapshots.restore("radarr", before)

One stack has one backup or restore at a time. Each call first puts right what an interrupted one
left, and leaves a guardian beside itself while it works.
"""

import datetime as dt
import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tame_components.domain.base import Frozen
from tame_components.domain.mounting import state_directory
from tame_components.domain.topology import Topology
from tame_components.ops.snapshots.catalogue import SHORT_ID, Entry, Record, Snapshot, parse_record
from tame_components.ops.snapshots.containers import Engine, look
from tame_components.ops.snapshots.errors import (
    CopyFailed,
    DatabaseUnsound,
    RepositoryRefused,
    SnapshotsElsewhere,
    SnapshotsFailed,
    SnapshotUnknown,
)
from tame_components.ops.snapshots.execute import Made
from tame_components.ops.snapshots.figures import Figures
from tame_components.ops.snapshots.places import FOLDER, Workplace
from tame_components.ops.snapshots.plan import BackupPlan, RestorePlan
from tame_components.ops.snapshots.planning import plan_backup, plan_restore, retention_of
from tame_components.ops.snapshots.recovery import Recovered, recover
from tame_components.ops.snapshots.repository import Repository
from tame_components.ops.snapshots.restic import require_restic
from tame_components.ops.snapshots.restoring import Restored, Restorer
from tame_components.ops.snapshots.session import Session
from tame_components.ops.snapshots.sqlite import Contents, count_rows


class Report(Frozen):
    """What a backup did."""

    made: tuple[Made, ...]
    recovered: Recovered | None
    """What an interrupted run had left."""


class Snapshots:
    """The snapshots of one stack."""

    def __init__(
        self,
        topology: Topology,
        connect: Callable[[], Engine],
        password: Callable[[], str],
        *,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing is touched yet.

        Args:
            topology: of the stack.
            connect: a client of its engine.
            password: of the repository; asked for once it is needed. See password.py.
            say: is told about every step.

        Raises:
            SnapshotsElsewhere: the engine is another machine's.
        """
        if not topology.settings.local:
            raise SnapshotsElsewhere(topology.settings.engine)
        self.topology = topology
        self.place = Workplace(Path(topology.settings.config_root) / FOLDER, topology.stack)
        known = functools.cache(password)  # asking takes Pulumi half a second
        self._session = Session(topology, self.place, connect, known, say)
        self._figures = Figures(topology, say)

    def plan_backup(self, services: Sequence[str] = (), *, why: str = "") -> BackupPlan:
        """How *services*, by default all, would be snapshotted; see planning.plan_backup."""
        self._session.permit()
        seen = look(self.topology, self._session.connect())
        return plan_backup(self.topology, seen, services, why)

    def back_up(self, plan: BackupPlan, *, upkeep: bool = True) -> Report:
        """Carry out *plan*, one service after the other.

        Args:
            plan: of this stack.
            upkeep: whether to thin out and check the repository afterwards.

        Raises:
            SnapshotsFailed: some services have no snapshot; the others have, and all run.
            ServiceNotBack: a service does not run; nothing further was stopped.
            TameError: nothing further was stopped; what ran runs.
        """
        if not plan.services:
            return Report(made=(), recovered=None)
        require_restic()
        self._session.make_room(plan)
        with self._session.working() as (executor, recovered):
            made: list[Made] = []
            failures: dict[str, str] = {}
            for one in plan.services:
                try:
                    made.append(executor.back_up(one, plan.why))
                    self._figures.backed_up(made[-1])
                except (CopyFailed, DatabaseUnsound) as error:  # this service's own trouble
                    if len(plan.services) == 1:
                        raise
                    failures[one.service] = error.what
            if failures:
                raise SnapshotsFailed(failures, [one.snapshot.record.service for one in made])
            if upkeep:
                self._upkeep(executor.repository)
        return Report(made=tuple(made), recovered=recovered)

    def snapshot(self, service: str, *, why: str = "") -> Snapshot:
        """Snapshot one service, now. Raises what `plan_backup` and `back_up` raise."""
        report = self.back_up(self.plan_backup([service], why=why), upkeep=False)
        return report.made[0].snapshot

    def entries(self, service: str | None = None) -> tuple[Entry, ...]:
        """The stack's snapshots, oldest first."""
        require_restic()
        found = self._session.repository().entries()
        return tuple(one for one in found if service in (None, one.service))

    def find(self, service: str, asked: str | None = None) -> Snapshot:
        """A snapshot of *service*, by id; by default the newest.

        Raises:
            SnapshotUnknown: there is none, or it has no record that can be read.
        """
        self.topology.service(service, asked_by="tame restore")
        named = self._named(service, asked)
        if named is not None:
            return named
        known = self.entries(service)
        chosen = [one for one in known if asked is None or one.id.startswith(asked[:8])]
        text = self._session.repository().record(chosen[-1].id) if chosen else b""
        record = parse_record(text)
        if record is None:
            raise SnapshotUnknown(service, asked, [one.id for one in known])
        return Snapshot(id=chosen[-1].id, record=record)

    def _named(self, service: str, asked: str | None) -> Snapshot | None:
        """The snapshot whose whole id is given; each list of the repository takes half a second."""
        if asked is None or len(asked) != SHORT_ID:
            return None
        try:
            record = parse_record(self._session.repository().record(asked))
        except RepositoryRefused:
            return None  # the list says what there is instead
        if record is None or (record.stack, record.service) != (self.topology.stack, service):
            return None
        return Snapshot(id=asked, record=record)

    def plan_restore(
        self, service: str, snapshot: Snapshot, *, start: bool = True, force: bool = False
    ) -> RestorePlan:
        """How *service* would get the state of *snapshot* back; see planning.plan_restore."""
        if snapshot.record.service != service:
            raise SnapshotUnknown(service, snapshot.id, ())
        self._session.permit()
        moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return plan_restore(
            self.topology,
            look(self.topology, self._session.connect()),
            snapshot,
            self._present(service, snapshot.record),
            quarantine=str(self.place.quarantine / f"{service}-{moment}"),
            start=start,
            force=force,
        )

    def _present(self, service: str, record: Record) -> list[Contents | None]:
        state = Path(state_directory(self.topology, self.topology.service(service)) or "")
        return [count_rows(state / one.path, one.path) for one in record.databases]

    def carry_out(self, plan: RestorePlan) -> Restored:
        """Carry out *plan*. Raises what `restoring.Restorer.restore` raises."""
        require_restic()
        self._session.refuse_to_fill(plan.snapshot.record.size)
        begun = time.monotonic()
        with self._session.working(ensure=False) as (executor, _):
            restored = Restorer(executor).restore(plan)
            self._figures.restored(restored, time.monotonic() - begun)
        return restored

    def prove(self, plan: RestorePlan) -> None:
        """Fetch the snapshot of *plan*, look at all of it, and throw the copy away.

        Raises:
            SnapshotIncomplete, RepositoryRefused, SpaceMissing: it could not be restored.
        """
        require_restic()
        self._session.refuse_to_fill(plan.snapshot.record.size)
        with self._session.working(ensure=False) as (executor, _):
            Restorer(executor).fetch(plan)

    def restore(
        self, service: str, snapshot: Snapshot, *, start: bool = True, force: bool = False
    ) -> Restored:
        """Give *service* the state of *snapshot*, now.

        Args:
            service: whose snapshot it is.
            snapshot: from `snapshot` or `find`.
            start: whether it runs afterwards, healthy; else it stands still.
            force: also where another version of the application made the snapshot.

        Raises:
            VersionDiffers, SnapshotIncomplete: nothing was stopped.
            RestoreUndone: the state from before is back.
        """
        return self.carry_out(self.plan_restore(service, snapshot, start=start, force=force))

    def recover(self) -> Recovered | None:
        """Put right what an interrupted run left: services and files."""
        self._session.permit()
        with self.place.held(tell=self._session.say):
            return recover(self.place, self._session.connect)

    def check(self, subset: str | None = None) -> None:
        """Look after the repository; *subset* of its data is read, e.g. `5%` or `100%`."""
        with self._session.working() as (executor, _):
            executor.repository.check(subset)
            self._figures.checked()

    def _upkeep(self, repository: Repository) -> None:
        self._session.say("repository: thinning out")
        repository.thin_out(retention_of(self.topology))
        self._session.say("repository: checking")
        repository.check()
        self._figures.checked()
