"""Snapshots made as planned. Whatever was stopped is started again, whatever happens."""

import contextlib
import datetime as dt
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tame_components.domain.base import Frozen
from tame_components.domain.errors import EngineUnreachable
from tame_components.ops.engine import refusal
from tame_components.ops.snapshots import journal
from tame_components.ops.snapshots.catalogue import FILE, STATE, Record, Snapshot, tags_of
from tame_components.ops.snapshots.containers import Engine, start_again, stop
from tame_components.ops.snapshots.copying import Copied, Scope, copy_tree
from tame_components.ops.snapshots.errors import CopyFailed, DatabaseUnsound, ServiceNotBack
from tame_components.ops.snapshots.journal import Note
from tame_components.ops.snapshots.moving import discard
from tame_components.ops.snapshots.places import Workplace
from tame_components.ops.snapshots.plan import Pause, ServiceBackup
from tame_components.ops.snapshots.recovery import await_stops
from tame_components.ops.snapshots.repository import Repository
from tame_components.ops.snapshots.sqlite import Contents, Unsound, inspect_database


class Timing(Frozen):
    """How long one service was away, in seconds."""

    stop: float = 0.0
    """Its own stop, members of a gateway included."""
    copy_: float = 0.0
    """What the snapshot adds to the downtime."""
    start: float = 0.0
    """Until the engine has started it; not until it is healthy."""


class Made(Frozen):
    """A snapshot that was made, and what it cost."""

    snapshot: Snapshot
    timing: Timing
    added: int
    """Bytes that the repository did not have yet."""
    seconds: float
    """Of all of it."""


@dataclass
class _Clock:
    """Times of one pause; filled in while it goes on."""

    stop: float = 0.0
    copy: float = 0.0
    start: float = 0.0
    marks: list[float] = field(default_factory=list)

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.monotonic()
        last = self.marks[-1] if self.marks else now
        self.marks.append(now)
        return now - last

    @property
    def timing(self) -> Timing:
        """What was measured."""
        return Timing(stop=self.stop, copy_=self.copy, start=self.start)


@dataclass(frozen=True)
class Executor:
    """Carries out the plans of one stack; the caller holds its lock."""

    place: Workplace
    engine: Engine
    host: str
    """The engine's address, for messages."""
    repository: Repository
    stack: str
    config: str
    """See `Record.config`."""
    say: Callable[[str], None]
    """Is told each step as it is done."""

    def back_up(self, plan: ServiceBackup, why: str = "") -> Made:
        """Snapshot one service.

        Raises:
            EngineUnreachable, CopyFailed, DatabaseUnsound: there is no snapshot; the service runs.
            ServiceNotBack: it does not run; the journal keeps the debt.
            RepositoryRefused: the copy could not be stored; the service runs.
        """
        begun = time.monotonic()
        staging = self.place.staging / plan.service
        discard([staging])
        clock = _Clock()
        with self._still(plan, clock):
            taken = dt.datetime.now(dt.UTC)
            copied = self._copy(plan, staging)
        self._tell_pause(plan, copied, clock)
        record = self._record(plan, why, taken, copied, staging)
        (staging / FILE).write_text(record.model_dump_json(indent=2), "utf-8")
        saved = self.repository.save(staging, tags_of(record), self._progress(plan.service))
        discard([staging])
        self.say(f"{plan.service}: saved as {saved.id}, {saved.added / 2**20:.1f} MiB new")
        return Made(
            snapshot=Snapshot(id=saved.id, record=record),
            timing=clock.timing,
            added=saved.added,
            seconds=time.monotonic() - begun,
        )

    @contextlib.contextmanager
    def _still(self, plan: ServiceBackup, clock: _Clock) -> Iterator[None]:
        """The service, and who depends on it, stands still inside; it runs again after."""
        clock.lap()
        if not plan.pauses:
            yield
            clock.copy = clock.lap()
            return
        note = Note(
            verb="backup",
            service=plan.service,
            containers=tuple(one.container for one in reversed(plan.pauses)),
            grace=max(one.grace for one in plan.pauses),
        )
        journal.write(self.place.journal, note)
        stopped = False
        try:
            self._stop(plan.service, plan.pauses)
            stopped = True
            journal.write(self.place.journal, note.model_copy(update={"stopped": True}))
            clock.stop = clock.lap()
            yield
        finally:
            clock.copy = clock.lap()
            if not stopped:
                await_stops(self.engine, note)
            failed = start_again(self.engine, note.containers)
            clock.start = clock.lap()
            if failed:
                raise ServiceNotBack(failed)
            journal.clear(self.place.journal)

    def _stop(self, service: str, pauses: Sequence[Pause]) -> None:
        for one in pauses:
            self.say(f"{one.service}: stopping, {one.cause}")
            self.stop_container(service, one.container, one.grace)

    def stop_container(self, service: str, container: str, grace: int) -> None:
        """Stop *container*.

        Raises:
            EngineUnreachable: the engine does not answer.
            CopyFailed: it answers, and cannot.
        """
        try:
            stop(self.engine, container, grace)
        except OSError as error:
            if getattr(error, "response", None) is None:
                raise EngineUnreachable(self.host, type(error).__name__) from error
            why = refusal(error)
            raise CopyFailed(service, container, f"it cannot be stopped: {why}") from error

    def _copy(self, plan: ServiceBackup, staging: Path) -> Copied:
        scope = Scope(plan.excludes)
        try:
            staging.mkdir(parents=True)
            return copy_tree(Path(plan.state), staging / STATE, scope, plan.databases)
        except Unsound as error:
            raise DatabaseUnsound(plan.service, error.path or plan.state, str(error)) from error
        except OSError as error:
            path = str(error.filename or plan.state)
            raise CopyFailed(plan.service, path, error.strerror or str(error)) from error

    def _tell_pause(self, plan: ServiceBackup, copied: Copied, clock: _Clock) -> None:
        what = f"{copied.files} files, {copied.size / 2**20:.1f} MiB in {clock.copy:.2f} s"
        runs = "; it runs again" if plan.pauses else "; it did not run"
        self.say(f"{plan.service}: copied {what}{runs}")
        if copied.size > _LARGE:
            self.say(f"{plan.service}: checking the copy")

    def _record(
        self, plan: ServiceBackup, why: str, taken: dt.datetime, copied: Copied, staging: Path
    ) -> Record:
        facts = os.stat(plan.state)  # noqa: PTH116 - a string of the plan
        return Record(
            stack=self.stack,
            service=plan.service,
            app=plan.app,
            taken=taken,
            why=why,
            image=plan.image,
            image_id=plan.image_id,
            digest=plan.digest,
            config=self.config,
            owner=f"{facts.st_uid}:{facts.st_gid}",
            mode=stat.S_IMODE(facts.st_mode),
            files=copied.files,
            size=copied.size,
            excludes=plan.excludes,
            databases=tuple(self._databases(plan, copied, staging / STATE)),
        )

    def _databases(self, plan: ServiceBackup, copied: Copied, root: Path) -> Iterator[Contents]:
        """The checked ones; one that the catalog does not name may be damaged, and is told."""
        damaged = list(copied.unreadable)
        for path in copied.databases:
            try:
                yield inspected(plan.service, root, path, must_hold=path in plan.databases)
            except DatabaseUnsound:
                if path in plan.databases:
                    raise
                damaged.append(path)
        for path in damaged:
            self.say(f"{plan.service}: `{path}` is damaged, and saved as it is")
        for path in sorted(set(plan.databases) - set(copied.databases)):
            self.say(f"{plan.service}: there is no `{path}` yet")

    def _progress(self, service: str) -> Callable[[float], None]:
        told = [time.monotonic()]

        def tell(share: float) -> None:
            if time.monotonic() - told[0] >= _EVERY:
                told[0] = time.monotonic()
                self.say(f"{service}: storing, {share:.0%}")

        return tell


_LARGE = 512 * 2**20
"""Bytes from which on checking takes more than a moment."""
_EVERY = 2.0
"""Seconds between two words of progress."""


def inspected(service: str, root: Path, path: str, *, must_hold: bool) -> Contents:
    """The database *path* below *root*, checked.

    Args:
        service: whose it is.
        root: a copy of its state directory.
        path: relative to *root*.
        must_hold: whether a database without tables is unsound: a truncated one passes the check.

    Raises:
        DatabaseUnsound: it does not count.
    """
    try:
        found = inspect_database(root / path, path)
    except Unsound as error:
        raise DatabaseUnsound(service, path, str(error)) from error
    if must_hold and not found.rows:
        raise DatabaseUnsound(service, path, "it has no tables")
    return found
