"""Back to the release from before: its databases, its images, proved, and the new one held."""

import contextlib
import traceback
from typing import NoReturn

from tame_components.domain.errors import TameError
from tame_components.domain.evidence import now
from tame_components.ops.deployment_errors import DeploymentFailed
from tame_components.ops.errors import CannotWrite
from tame_components.ops.promote import back
from tame_components.ops.promote.errors import PromotionUndone, RollbackFailed, RollbackUndone
from tame_components.ops.promote.history import Verb
from tame_components.ops.promote.phases import Journal, Phase
from tame_components.ops.promote.places import Held, Incident
from tame_components.ops.promote.stage import Stage


def undo(stage: Stage, journal: Journal, reason: str) -> NoReturn:
    """Take a promotion or a rollback back, from wherever it stopped; running it again goes on.

    Raises:
        PromotionUndone, RollbackUndone: always, where it is done.
        RollbackFailed: neither release is proved to run; the journal keeps the rest.
    """
    journal = journal.to(Phase.UNDOING, reason)
    with contextlib.suppress(CannotWrite):  # a full disk may be why; whoever resumes comes here too
        stage.places.write(journal)
    previous = journal.previous
    if previous is None:
        stage.places.finish()
        raise RollbackFailed(journal.stack, f"it was empty before ({journal.reason})")
    stage.tell(f"undoing {journal.release}: {journal.reason}")
    evidence = ""
    try:
        why = f"rollback from {journal.release}: {previous} was proved before"
        goal = back.target(stage, previous, why)
        saved = back.restore(stage, journal.snapshots, goal.topology)
        back.deploy(stage, goal)
        wrong, _, place = back.proof(stage, goal, saved)
        evidence = str(place)
    except Exception as error:  # noqa: BLE001 - see `forward`; the journal keeps what is left
        wrong = [reason_of(error)]
    incident = _noted(stage, journal, previous, evidence, wrong)
    if wrong:
        raise RollbackFailed(journal.stack, "; ".join(wrong))
    # Two releases of one id differ in what shapes no container; the old one must stay deployable.
    if journal.hold and journal.verb is Verb.PROMOTE and journal.release != previous:
        held = Held(
            release=journal.release,
            why=journal.reason,
            since=now(),
            program=journal.program,
            incident=incident,
        )
        stage.places.hold(held)
    stage.places.finish()
    done = PromotionUndone if journal.verb is Verb.PROMOTE else RollbackUndone
    raise done(journal.stack, journal.release, journal.reason, previous)


def reason_of(error: Exception) -> str:
    """In one line: of Pulumi's engine the innermost reason, of a fault of ours where it is."""
    if isinstance(error, DeploymentFailed) and error.lines:
        return error.lines[-1].strip().removeprefix("* ")
    if isinstance(error, TameError):
        return error.what
    if isinstance(error, OSError):
        return str(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"TAME itself failed: {error!r} at {last.filename}:{last.lineno}"


def _noted(stage: Stage, journal: Journal, previous: str, evidence: str, wrong: list[str]) -> str:
    """Write down how it ended; the file, empty where a full disk took none."""
    incident = Incident(
        time=now(),
        stack=journal.stack,
        verb=journal.verb,
        release=journal.release,
        previous=previous,
        reason=journal.reason,
        snapshots=journal.snapshots,
        rolled_back=not wrong,
        refuted=journal.refuted,
        evidence=evidence,
        wrong=tuple(wrong),
    )
    try:
        return str(stage.places.incident(incident))
    except CannotWrite:  # must not hide how it ended
        return ""
