"""One change of what a stack runs: written down before each step, finished or taken back.

A promotion and a rollback differ in where the settings lie, in the databases that a rollback
gives back first, and in the proof.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tame_components.domain.analysis import Verdict
from tame_components.domain.errors import TameError
from tame_components.domain.evidence import Evidence, now
from tame_components.domain.topology import Topology
from tame_components.ops.errors import CannotWrite
from tame_components.ops.promote import back
from tame_components.ops.promote.history import Verb
from tame_components.ops.promote.phases import Journal, Phase, Resumption
from tame_components.ops.promote.places import Held, Record, release_id
from tame_components.ops.promote.stage import Stage
from tame_components.ops.promote.undoing import reason_of, undo
from tame_components.ops.snapshots.errors import DatabaseUnsound


@contextlib.contextmanager
def noted(stage: Stage, verb: Verb, release: str) -> Iterator[None]:
    """Whatever refuses *release* inside, before anything was changed, is written down too."""
    try:
        yield
    except TameError as error:
        told = {
            "time": now(),
            "stack": stage.stack.stack,
            "verb": verb,
            "release": release,
            "code": error.code,
            "reason": error.what,
        }
        with contextlib.suppress(CannotWrite):  # a full disk is a reason, and refuses this too
            stage.places.refusal(told)
        raise


def carry_out(
    stage: Stage, journal: Journal, services: Iterable[str], topology: Topology
) -> Record:
    """Snapshot *services*, then do what *journal* begins.

    Args:
        stage: the stack; the caller holds its lock.
        journal: of what is to be done, in its first phase.
        services: that are touched and keep something.
        topology: that has them.

    Raises:
        PromotionUndone, RollbackUndone, RollbackFailed: it went wrong on the way.
        TameError: nothing was changed.
    """
    journal = stage.places.write(journal)
    try:
        with noted(stage, journal.verb, journal.release):
            journal = _save(stage, journal, services, topology)
            first = Phase.RESTORING if journal.verb is Verb.ROLLBACK else Phase.DEPLOYING
            journal = stage.places.write(journal.to(first))
    except BaseException:
        stage.places.finish()  # nothing was changed for good, and what was stopped runs again
        raise
    return forward(stage, journal)


def _save(stage: Stage, journal: Journal, services: Iterable[str], topology: Topology) -> Journal:
    snapshots = stage.snapshots(topology)
    for service in services:
        try:
            made = snapshots.snapshot(service, why=f"before {journal.release}")
        except DatabaseUnsound as error:
            if service not in journal.restores:
                raise
            stage.tell(f"{error.what}; what is there goes into the quarantine")
        else:
            journal = stage.places.write(journal.saved(service, made.id))
    return journal


def settle(stage: Stage) -> Record | None:
    """Finish or take back what was interrupted; the record of what was finished.

    Raises:
        PromotionUndone, RollbackUndone: it had to be taken back, and is.
        RollbackFailed: it could not be.
    """
    journal = stage.places.journal()
    if journal is None:
        return None
    stage.tell(f"a {journal.verb} of {journal.release} was interrupted while {journal.phase}")
    stage.put_right()
    needed = journal.resumption(release_id(stage.topology))
    if needed is Resumption.BACK:
        unwanted = journal.model_copy(update={"hold": journal.hold and bool(journal.reason)})
        undo(stage, unwanted, journal.reason or "it was interrupted, and is not wanted any more")
    if needed is Resumption.FORWARD:
        return forward(stage, journal)
    stage.places.finish()
    return None


def forward(stage: Stage, journal: Journal) -> Record:
    """Deploy, prove, write down; on any failure, and on Ctrl-C, back."""
    begun = time.monotonic()
    way = _Way(stage, journal)
    try:
        proved = way.promote() if journal.verb is Verb.PROMOTE else way.roll_back()
    except KeyboardInterrupt:
        unheld = way.journal.model_copy(update={"hold": False})
        undo(stage, unheld, "it was interrupted by Ctrl-C")
    except Exception as error:  # noqa: BLE001 - a fault of ours must not leave prod between either
        undo(stage, way.journal, reason_of(error))
    if proved.wrong:
        refuted = way.journal.model_copy(update={"refuted": str(proved.file)})
        undo(stage, refuted, proved.wrong)
    return _written(stage, way.journal, proved, time.monotonic() - begun)


@dataclass(frozen=True)
class _Proved:
    """What was looked at in the end."""

    evidence: Evidence
    file: Path
    asked: Mapping[str, str]
    """See `Record.asked`."""
    wrong: str
    """Why it does not count; empty: it does."""


@dataclass
class _Way:
    """How far it has come; the journal on the disk says the same, where the disk took it."""

    stage: Stage
    journal: Journal

    def _to(self, phase: Phase) -> None:
        self.journal = self.stage.places.write(self.journal.to(phase))

    def promote(self) -> _Proved:
        """To what the settings ask for."""
        if self.journal.phase is Phase.DEPLOYING:
            self.stage.deployer.up(listener=self.stage.hear)
            self._to(Phase.PROVING)
        evidence, file = self.stage.gate()
        wrong = ""
        if evidence.verdict is not Verdict.PASSED:
            names = "; ".join(f"{one.name}: {one.said}" for one in evidence.unproved)
            wrong = f"the gate says {evidence.verdict}: {names}"
        return _Proved(evidence, file, self.stage.topology.images, wrong)

    def roll_back(self) -> _Proved:
        """To a release that was recorded, and its databases."""
        release = self.journal.release
        goal = back.target(self.stage, release, f"`tame rollback` asked for {release}")
        saved = []
        if self.journal.phase is Phase.RESTORING:
            saved = back.restore(self.stage, self.journal.restores, goal.topology)
            self._to(Phase.DEPLOYING)
        if self.journal.phase is Phase.DEPLOYING:
            self.stage.places.release_hold()  # whoever names a held release wants it
            back.deploy(self.stage, goal)
            self._to(Phase.PROVING)
        wrong, evidence, file = back.proof(self.stage, goal, saved)
        return _Proved(evidence, file, goal.record.asked, "; ".join(wrong))


def _written(stage: Stage, journal: Journal, proved: _Proved, seconds: float) -> Record:
    record = Record(
        id=journal.release,
        release=proved.evidence.release,
        asked=dict(proved.asked),
        promoted=now(),
        seconds=seconds,
        evidence=str(proved.file),
        snapshots=journal.snapshots,
    )
    settings = stage.stack.path if journal.verb is Verb.PROMOTE else None
    stage.places.promoted(record, settings, journal.verb)
    if journal.verb is Verb.ROLLBACK and journal.previous not in {None, journal.release}:
        _hold(stage, str(journal.previous), journal.release)
    stage.places.finish()
    return record


def _hold(stage: Stage, left: str, release: str) -> None:
    """Or the next deployment from the same commit would bring *left* back."""
    record = stage.places.record(left)
    held = Held(
        release=left,
        why=f"`tame rollback` went back from it to `{release}`",
        since=now(),
        program=record.release.program if record else None,
    )
    stage.places.hold(held)
