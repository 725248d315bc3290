"""R34: what was backed up can be restored, because somebody did it lately.

A repository that can be read is no restore; a copy that was never restored is a hope.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import AwareDatetime

from tame_components.domain.backup import BackupSettings
from tame_components.domain.base import Frozen
from tame_components.domain.service import Service
from tame_components.probes.model import Answer, Result, Verdict


class BackupRecord(Frozen):
    """One run of a backup or a drill, as whoever ran it wrote it down."""

    service: str
    what: Literal["backup", "drill"]
    finished: AwareDatetime
    succeeded: bool
    seconds: float = 0.0


class BackupObservation(Frozen):
    """What is known of one service's copies."""

    service: str
    keeps: bool
    """Whether it has state that would be missed."""
    settings: BackupSettings | None
    now: AwareDatetime
    backup: BackupRecord | None = None
    """The last one that succeeded."""
    drill: BackupRecord | None = None
    """The last one that succeeded."""


def observe(
    service: Service,
    settings: BackupSettings | None,
    records: Iterable[BackupRecord],
    now: dt.datetime,
) -> BackupObservation:
    """The last successes among *records*; failures prove nothing."""
    mine = sorted(
        (one for one in records if one.service == service.name and one.succeeded),
        key=lambda one: one.finished,
    )
    return BackupObservation(
        service=service.name,
        keeps=service.app.keeps,
        settings=settings,
        now=now,
        backup=next((one for one in reversed(mine) if one.what == "backup"), None),
        drill=next((one for one in reversed(mine) if one.what == "drill"), None),
    )


def judge(seen: BackupObservation) -> Result:
    """Whether copy and drill are as recent, and the restore as quick, as the settings promise."""
    verdict, evidence, hint = next(_answers(seen))
    return Result(rule="R34", subject=seen.service, verdict=verdict, evidence=evidence, hint=hint)


def _answers(seen: BackupObservation) -> Iterator[Answer]:
    if not seen.keeps:
        yield Verdict.NOT_APPLICABLE, "it keeps nothing that would be missed", ""
    elif seen.settings is None:
        yield Verdict.FAILED, "no backup job copies what it keeps", "add `backup` to the settings"
    elif seen.backup is None:
        yield Verdict.FAILED, "no backup ever succeeded", "run one now"
    else:
        yield from _late(seen.backup, seen.settings, seen.now)
    if seen.settings is None or seen.drill is None:
        yield Verdict.FAILED, "no restore was ever rehearsed", _DRILL
    else:
        yield from _drilled(seen.drill, seen.settings, seen.now)


def _late(backup: BackupRecord, promise: BackupSettings, now: dt.datetime) -> Iterator[Answer]:
    age = now - backup.finished
    if age > dt.timedelta(hours=promise.rpo_hours):
        hours = f"{age.total_seconds() / 3600:.0f}"
        said = f"the last backup is {hours} hours old, {promise.rpo_hours} are promised"
        yield Verdict.FAILED, said, "look why the schedule did not run"


def _drilled(drill: BackupRecord, promise: BackupSettings, now: dt.datetime) -> Iterator[Answer]:
    since = now - drill.finished
    if since > dt.timedelta(days=promise.drill_days):
        said = f"the last drill was {since.days} days ago, {promise.drill_days} are promised"
        yield Verdict.FAILED, said, _DRILL
    if drill.seconds > promise.rto_minutes * 60:
        took = f"{drill.seconds / 60:.0f}"
        said = f"the last drill took {took} minutes, {promise.rto_minutes} are promised"
        yield Verdict.FAILED, said, "raise `rto_minutes`, or keep the repository on a quicker disk"
    said = f"restored in a drill {since.days} days ago, in {drill.seconds:.0f} s"
    yield Verdict.PROVED, said, ""


_DRILL = "rehearse a restore, into a scratch directory, and start the application on it"
