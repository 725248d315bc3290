"""What every backup and restore needs around it: the lock, the guardian, the repository, room."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tame_components.domain.topology import Topology
from tame_components.ops.errors import CannotWrite
from tame_components.ops.snapshots.containers import Engine
from tame_components.ops.snapshots.copying import Scope, size_of
from tame_components.ops.snapshots.errors import CopyFailed, SpaceMissing
from tame_components.ops.snapshots.execute import Executor
from tame_components.ops.snapshots.guardian import guarded
from tame_components.ops.snapshots.moving import discard
from tame_components.ops.snapshots.places import Workplace
from tame_components.ops.snapshots.plan import BackupPlan
from tame_components.ops.snapshots.planning import repository_of
from tame_components.ops.snapshots.recovery import Recovered, recover
from tame_components.ops.snapshots.repository import Repository
from tame_components.ops.snapshots.restic import require_restic
from tame_components.ops.snapshots.space import free_bytes


_MIB = 2**20


@dataclass(frozen=True)
class Session:
    """The surroundings of one stack's snapshots."""

    topology: Topology
    place: Workplace
    connect: Callable[[], Engine]
    password: Callable[[], str]
    say: Callable[[str], None]

    @contextlib.contextmanager
    def working(self, *, ensure: bool = True) -> Iterator[tuple[Executor, Recovered | None]]:
        """Alone with the stack, guarded; what was interrupted is put right first.

        Args:
            ensure: whether the repository is made and opened before anything stops. A restore
                reads from it before that anyway.

        Raises:
            SnapshotsBusy: another backup or restore is at work.
            ResticMissing, RepositoryRefused, PasswordMissing: nothing was stopped.
            JournalUnreadable, ServiceNotBack: an interrupted run cannot be put right.
        """
        require_restic()
        self.place.prepare()
        engine = self.topology.settings.engine
        # The guardian outside: it can pay a debt only after the lock is free.
        with guarded(self.place.root, self.place.stack, engine), self.place.held(tell=self.say):
            recovered = recover(self.place, self.connect)
            if recovered is not None:
                self.say(f"{recovered.service}: put right what an interrupted run left")
            with self.place.uploading(self.say) as lock:
                interrupted = self.place.staging.exists() or self.place.incoming.exists()
                repository = self.repository(lock)
                if ensure:
                    repository.ensure()
                if interrupted:
                    repository.unlock()
                self._sweep()
                yield self._executor(repository), recovered
                self._sweep()

    def repository(self, *inherit: int) -> Repository:
        """The stack's; *inherit* are descriptors that every restic keeps open."""
        return Repository(
            repository_of(self.topology),
            self.password(),
            host=self.topology.stack,
            inherit=inherit,
            say=self.say,
        )

    def permit(self) -> None:
        """Raises CannotWrite where this user may not work in the config root."""
        root = self.topology.settings.config_root
        if Path(root).exists() and not os.access(root, os.R_OK | os.W_OK | os.X_OK):
            raise CannotWrite(root, "it is another user's: run it as root")

    def make_room(self, plan: BackupPlan) -> None:
        """Raises SpaceMissing where the largest copy does not fit, CopyFailed where none is."""
        largest = 0
        for one in plan.services:
            try:
                largest = max(largest, size_of(Path(one.state), Scope(one.excludes)))
            except OSError as error:
                path = str(error.filename or one.state)
                raise CopyFailed(one.service, path, error.strerror or str(error)) from error
        self.refuse_to_fill(largest)

    def refuse_to_fill(self, needed: int) -> None:
        """Raises SpaceMissing where a copy of *needed* bytes does not fit."""
        self.place.prepare()
        free = free_bytes(self.place.root)
        if needed > free:
            raise SpaceMissing(str(self.place.root), needed // _MIB + 1, free // _MIB)

    def _sweep(self) -> None:
        discard([self.place.staging, self.place.incoming])

    def _executor(self, repository: Repository) -> Executor:
        return Executor(
            place=self.place,
            engine=self.connect(),
            host=self.topology.settings.engine,
            repository=repository,
            stack=self.topology.stack,
            config=self.topology.config,
            say=self.say,
        )
