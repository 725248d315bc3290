"""What a backup or a restore is going to do, with a cause for each step; nothing is done here."""

import datetime as dt
import re
from enum import StrEnum

from tame_components.domain.base import Frozen
from tame_components.domain.errors import counted
from tame_components.domain.image import ImageReference
from tame_components.ops.snapshots.catalogue import Snapshot


_BUILD = re.compile(r"-ls\d+$")
"""linuxserver's number of the build: the same application in a newer image."""


_MINUTE = 60


class Verb(StrEnum):
    """What a step does."""

    STOP = "stop"
    COPY = "copy"
    START = "start"
    CHECK = "check"
    SAVE = "save"
    THIN_OUT = "thin out"
    FETCH = "fetch"
    SET_ASIDE = "set aside"
    PUT_IN_PLACE = "put in place"
    WAIT = "wait"


class Step(Frozen):
    """One line of a plan."""

    verb: Verb
    what: str
    """A service, or the repository."""
    cause: str


class Pause(Frozen):
    """A container that holds still for the copy, and runs again after it."""

    service: str
    container: str
    grace: int
    """Seconds that it has to stop."""
    cause: str


class ServiceBackup(Frozen):
    """How one service is snapshotted."""

    service: str
    app: str
    state: str
    """Directory on the host."""
    excludes: tuple[str, ...]
    databases: tuple[str, ...]
    """Relative to *state*."""
    image: str
    image_id: str
    digest: str | None
    pauses: tuple[Pause, ...]
    """In the order of stopping. Empty: it does not run, and is not started."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What happens, in order."""
        names = ", ".join(self.databases)
        whole = f"{self.state}; {names} by SQLite's backup API" if names else self.state
        less = f"; without {', '.join(self.excludes)}" if self.excludes else ""
        checked = f"{names}: integrity and rows" if names else "files and size"
        return (
            *(Step(verb=Verb.STOP, what=one.service, cause=one.cause) for one in self.pauses),
            Step(verb=Verb.COPY, what=self.service, cause=f"{whole}{less}"),
            *(
                Step(verb=Verb.START, what=one.service, cause="it ran before")
                for one in reversed(self.pauses)
            ),
            Step(verb=Verb.CHECK, what=self.service, cause=f"{checked}, before the copy counts"),
            Step(verb=Verb.SAVE, what=self.service, cause=f"made by {self.image}"),
        )


class BackupPlan(Frozen):
    """How services of a stack are snapshotted."""

    stack: str
    repository: str
    why: str
    services: tuple[ServiceBackup, ...]
    skipped: dict[str, str]
    """Service -> why it is left out."""
    upkeep: tuple[Step, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What happens, in order."""
        return (*(step for one in self.services for step in one.steps), *self.upkeep)


class Loss(Frozen):
    """The rows of one table, now and in the snapshot."""

    database: str
    table: str
    now: int | None
    """None: the table, or its database, cannot be read."""
    then: int


class RestorePlan(Frozen):
    """How a service gets an earlier state back."""

    stack: str
    service: str
    snapshot: Snapshot
    state: str
    excludes: tuple[str, ...]
    """Stays as it is: what the catalog and the settings leave out now."""
    quarantine: str
    container: str | None
    """None: the service has none; only its files are restored."""
    runs: bool
    start: bool
    """Whether the service runs afterwards."""
    grace: int
    wait: int
    """Seconds for it to become healthy."""
    owner: str
    """`uid:gid` that the files belong to afterwards."""
    version_then: str
    version_now: str
    losses: tuple[Loss, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What happens, in order."""
        name, record = self.service, self.snapshot.record
        known = counted(len(record.databases), "database")
        rows = f"{known}, all rows" if record.databases else "all files"
        stop = Step(verb=Verb.STOP, what=name, cause="its files are replaced")
        start = (
            Step(verb=Verb.START, what=name, cause="its files are in place"),
            Step(verb=Verb.WAIT, what=name, cause="unhealthy: the present state is put back"),
        )
        return (
            Step(verb=Verb.FETCH, what=name, cause=f"snapshot {self.snapshot.id} of {self.taken}"),
            Step(verb=Verb.CHECK, what=name, cause=f"{rows} as recorded, before anything stops"),
            *((stop,) if self.container else ()),
            Step(verb=Verb.SET_ASIDE, what=name, cause=f"{self.state} -> {self.quarantine}"),
            Step(verb=Verb.PUT_IN_PLACE, what=name, cause=f"the snapshot, owned by {self.owner}"),
            *(start if self.start else ()),
        )

    @property
    def taken(self) -> str:
        """When the snapshot was taken, for a person."""
        return f"{self.snapshot.record.taken:%Y-%m-%d %H:%M:%S} UTC"

    def statement(self, now: dt.datetime) -> tuple[str, ...]:
        """What is lost, line by line."""
        age = now - self.snapshot.record.taken
        lines = [
            f"every change of `{self.service}` since {self.taken} ({_ago(age)} ago) is lost to it;",
            f"the present state is kept in {self.quarantine}",
        ]
        return (*lines, *map(_line, self.losses))


def _line(loss: Loss) -> str:
    where = f"{loss.database} {loss.table}"
    if loss.now is None:
        return f"{where}: unreadable now, {loss.then} rows then"
    change = loss.then - loss.now
    how = f"{change:+d}" if change else "the same"
    return f"{where}: {loss.now} rows now, {loss.then} then ({how})"


def _ago(age: dt.timedelta) -> str:
    hours, rest = divmod(max(0, int(age.total_seconds())), 3600)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {rest // 60} min"
    return f"{rest // 60} min" if rest >= _MINUTE else f"{rest} s"


def version_of(reference: str) -> str:
    """The application's version in an image reference: its tag without the number of the build."""
    image = ImageReference.parse(reference)
    return _BUILD.sub("", image.tag) if image.tag else image.digest or ""
