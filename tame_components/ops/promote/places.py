"""What promotions keep on the host, below `<config_root>/.promotions/<stack>`; and their lock.

It lies beside the state of the services and not in a checkout: the next runner has another one.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from tame_components.domain.base import Frozen
from tame_components.domain.release import Release
from tame_components.domain.topology import Topology
from tame_components.ops import durable, exclusive
from tame_components.ops.promote.errors import JournalBroken, PromotionBusy
from tame_components.ops.promote.history import History, Tenure, Verb, of_records
from tame_components.ops.promote.phases import Journal


FOLDER = ".promotions"


class Record(Frozen):
    """A release that was promoted, and how to come back to it."""

    version: int = 1
    id: str
    release: Release
    asked: dict[str, str] = Field(default_factory=dict)
    """By service: the reference that settings and lock asked for; both may move later. Empty in a
    record of before 2026-11-21."""
    promoted: str
    """ISO 8601, UTC."""
    seconds: float
    """From the first change to the proof."""
    evidence: str
    """The file of the gate's run, below `evidence`; empty where it was recorded without one."""
    snapshots: dict[str, str] = Field(default_factory=dict)
    """By service: its state before this release."""


class Incident(Frozen):
    """A promotion or a rollback that was taken back, or could not be. Keys are added only."""

    version: int = 1
    time: str
    """ISO 8601, UTC."""
    stack: str
    verb: Verb
    release: str
    """What was to run."""
    previous: str
    """What ran before."""
    reason: str
    snapshots: dict[str, str]
    """By service: its state before anything was changed."""
    rolled_back: bool
    refuted: str = ""
    """The file of the gate's run that speaks against `release`; empty: it came to none."""
    evidence: str
    """The file of the gate's run that proves `previous` again; empty: it came to none."""
    wrong: tuple[str, ...]
    """What speaks against `previous`."""


class Held(Frozen):
    """A release that may not be deployed again."""

    release: str
    why: str
    since: str
    program: str | None = None
    """The revision of the programs that asked for it, as `Release.program`."""
    incident: str = ""
    """The file of its `Incident`; empty: a person went back from it."""


def release_id(topology: Topology) -> str:
    """The id of what the settings ask for."""
    return Release.model_validate(topology.release).id


@dataclass(frozen=True)
class Places:
    """The files of one stack."""

    root: Path
    stack: str

    @classmethod
    def of(cls, topology: Topology) -> "Places":
        """Those of the stack of *topology*, whose engine is on this machine."""
        root = Path(topology.settings.config_root) / FOLDER / topology.stack
        return cls(root=root, stack=topology.stack)

    @contextlib.contextmanager
    def locked(
        self, verb: str, patience: float, tell: exclusive.Tell = exclusive.to_nobody
    ) -> Iterator[None]:
        """One change of what runs at a time: a backup in a gate's soak would look like a crash.

        Args:
            verb: who it is, e.g. `tame promote`.
            patience: seconds to wait.
            tell: is told where that takes more than a moment.

        Raises:
            PromotionBusy: somebody else has it for longer.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)

        def busy(holder: str) -> PromotionBusy:
            return PromotionBusy(self.stack, holder)

        lock = self.root / "lock"
        with exclusive.held(lock, busy, patience=patience, tell=tell, doing=f"`{verb}`"):
            yield

    def journal(self) -> Journal | None:
        """The promotion that is not finished; None: there is none.

        Raises:
            JournalBroken: there is one that cannot be read.
        """
        place = self.root / "journal.json"
        try:
            return Journal.model_validate_json(place.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (ValidationError, OSError) as error:
            raise JournalBroken(str(place), type(error).__name__) from None

    def write(self, journal: Journal) -> Journal:
        """Keep *journal*: on the disk when this returns."""
        _write(self.root / "journal.json", journal.model_dump_json(indent=2))
        return journal

    def finish(self) -> None:
        """The promotion is over."""
        (self.root / "journal.json").unlink(missing_ok=True)

    def held(self) -> Held | None:
        """The release that was rolled back last, until another one is promoted."""
        try:
            return Held.model_validate_json((self.root / "held.json").read_text("utf-8"))
        except (OSError, ValidationError):
            return None

    def hold(self, held: Held) -> None:
        """Let nobody deploy a release again."""
        _write(self.root / "held.json", held.model_dump_json(indent=2))

    def settings_of(self, release: str) -> Path:
        """The settings file that *release* was deployed with; secrets in it are encrypted."""
        return self.root / "releases" / release / f"Pulumi.{self.stack}.yaml"

    def current(self) -> Record | None:
        """The release that was promoted last."""
        try:
            told: Any = json.loads((self.root / "current.json").read_text("utf-8"))
            return self.record(str(told["release"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def record(self, release: str) -> Record | None:
        """The record of *release*; None where it was never promoted."""
        place = self.root / "releases" / release / "record.json"
        try:
            return Record.model_validate_json(place.read_text("utf-8"))
        except (OSError, ValidationError):
            return None

    def records(self) -> tuple[Record, ...]:
        """Every release that was promoted, oldest first."""
        names = [one.parent.name for one in self.root.glob("releases/*/record.json")]
        found = [record for name in names if (record := self.record(name)) is not None]
        return tuple(sorted(found, key=lambda one: one.promoted))

    def promoted(self, record: Record, settings: Path | None, verb: Verb = Verb.PROMOTE) -> None:
        """Make *record* the release to come back to; another one's hold ends.

        Args:
            record: of what runs, proved.
            settings: what it was deployed with; None: what is kept of it already.
            verb: how it came to run.
        """
        place = self.settings_of(record.id)
        if settings is not None:
            _write(place, settings.read_text("utf-8"))
        tenure = Tenure(
            release=record.id, since=record.promoted, verb=verb, snapshots=record.snapshots
        )
        history = self.history().then(tenure)  # before the record, which may be of an old tenure
        _write(place.with_name("record.json"), record.model_dump_json(indent=2))
        _write(self.root / "history.json", history.model_dump_json(indent=2))
        _write(self.root / "current.json", json.dumps({"release": record.id}))
        self.release_hold()

    def history(self) -> History:
        """What the stack ran, in order."""
        try:
            return History.model_validate_json((self.root / "history.json").read_text("utf-8"))
        except (OSError, ValidationError):
            return of_records([(one.id, one.promoted, one.snapshots) for one in self.records()])

    def release_hold(self) -> None:
        """Whatever was held may be deployed again."""
        (self.root / "held.json").unlink(missing_ok=True)

    @property
    def evidence(self) -> Path:
        """The folder of the gate's runs."""
        return self.root / "evidence"

    def incident(self, told: Incident) -> Path:
        """Write down what went wrong; the file."""
        return self._note("incidents", told.model_dump(mode="json"))

    def incidents(self) -> tuple[Path, ...]:
        """The files of all incidents, the oldest first."""
        return tuple(sorted(self.root.glob("incidents/*.json")))

    def refusal(self, told: dict[str, Any]) -> Path:
        """Write down why nothing was begun; the file."""
        return self._note("refusals", told)

    def _note(self, kind: str, told: dict[str, Any]) -> Path:
        place = self.root / kind / f"{told['time'].replace(':', '')}.json"
        _write(place, json.dumps(told, indent=2))
        return place


def _write(place: Path, text: str) -> None:
    """In one step, and on the disk: a journal that a power cut forgets is none.

    Raises:
        CannotWrite: the disk is full, or not ours.
    """
    with durable.writing(place):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.write(place, text + "\n")
