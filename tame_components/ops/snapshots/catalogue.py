"""What is known about a snapshot: a JSON file inside it, and restic tags to find it by.

The JSON is stable: keys are added, never renamed; `version` counts breaks.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import ValidationError

from tame_components.domain.base import Frozen
from tame_components.ops.snapshots.sqlite import Contents


SHORT_ID = 8
"""Digits of restic's short id, which names a snapshot everywhere here."""
FILE = "snapshot.json"
"""Beside the directory `STATE` in every snapshot."""
STATE = "state"
_MARK = "tame"
"""The tag of every snapshot that TAME made; others in the repository are left alone."""
WAY_BACK = "way-back"
"""The tag of a snapshot that a rollback may need: see `Record.way_back`."""


class Record(Frozen):
    """What a snapshot holds and where it comes from."""

    version: int = 1
    stack: str
    service: str
    app: str
    taken: dt.datetime
    """When the files held still; UTC."""
    why: str = ""
    """What it was made for, e.g. `before a promotion`. Empty: somebody asked for a backup."""
    image: str
    """The reference that ran, or stood ready to."""
    image_id: str
    """The engine's own id of that image."""
    digest: str | None = None
    """`repository@sha256:...`; None for an image that no registry has given."""
    config: str
    """SHA-256 of the settings that shape the stack's containers (`Topology.release`)."""
    owner: str
    """`uid:gid` of the state directory."""
    mode: int
    """Of the state directory."""
    files: int
    size: int
    """Bytes."""
    excludes: tuple[str, ...] = ()
    databases: tuple[Contents, ...] = ()

    @property
    def way_back(self) -> bool:
        """Whether it was made before the service was changed, and leads back to what it was."""
        return self.why.startswith("before ")

    @property
    def rows(self) -> dict[str, dict[str, int]]:
        """Rows by table, by database."""
        return {one.path: one.rows for one in self.databases}


class Entry(Frozen):
    """A snapshot as the repository lists it."""

    id: str
    """restic's short id."""
    time: dt.datetime
    """When it was stored; UTC."""
    stack: str
    service: str
    image: str

    @classmethod
    def read(cls, listed: Mapping[str, Any]) -> Self | None:
        """From one entry of `restic snapshots --json`; None where it is not one of ours."""
        tags = dict(_split(tag) for tag in listed.get("tags") or ())
        if _MARK not in tags or not {"stack", "service", "image"} <= set(tags):
            return None
        return cls(
            id=str(listed["id"])[:SHORT_ID],
            time=_moment(str(listed["time"])),
            stack=tags["stack"],
            service=tags["service"],
            image=tags["image"],
        )


class Snapshot(Frozen):
    """A snapshot with all that is known about it."""

    id: str
    record: Record


def tags_of(record: Record) -> tuple[str, ...]:
    """The tags that *record* is found by; a comma would split one."""
    pairs = {"stack": record.stack, "service": record.service, "image": record.image}
    kind = (WAY_BACK,) if record.way_back else ()
    return (_MARK, *kind, *(f"{key}={value.replace(',', '_')}" for key, value in pairs.items()))


def differences(record: Record, found: Sequence[Contents], files: int) -> tuple[str, ...]:
    """What of a restored copy is not as *record* says; empty: all of it is."""
    wrong = []
    if files != record.files:
        wrong.append(f"files: {record.files} were saved, {files} came back")
    there = {one.path: one.rows for one in found}
    for path, tables in record.rows.items():
        if path not in there:
            wrong.append(f"{path}: missing")
            continue
        for table in sorted({*tables, *there[path]}):
            then, now = tables.get(table), there[path].get(table)
            if then != now:
                wrong.append(f"{path}: `{table}` had {_count(then)}, has {_count(now)}")
    return tuple(wrong)


def parse_record(text: bytes) -> Record | None:
    """The record in *text*; None where it is none that this program can read."""
    try:
        return Record.model_validate_json(text)
    except ValidationError:
        return None


def _count(rows: int | None) -> str:
    return "no such table" if rows is None else f"{rows} rows"


def _split(tag: str) -> tuple[str, str]:
    key, _, value = tag.partition("=")
    return key, value


def _moment(text: str) -> dt.datetime:
    """Restic writes nanoseconds; Python reads six digits of them."""
    head, dot, rest = text.partition(".")
    if dot:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        text = f"{head}.{digits[:6]}{rest[len(digits) :]}"
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
