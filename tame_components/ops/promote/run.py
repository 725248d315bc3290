"""A promotion, step by step; each is written down before it is done."""

import time
from collections.abc import Callable

from tame_components.domain.analysis import Verdict
from tame_components.domain.errors import TameError
from tame_components.ops.deployment_errors import DeploymentFailed
from tame_components.ops.gate.running import release_of
from tame_components.ops.observe import containers_of, label
from tame_components.ops.promote.errors import ImageMissing, NotSettled, NoWayBack, ReleaseHeld
from tame_components.ops.promote.images import fetch
from tame_components.ops.promote.phases import Journal, Phase, Resumption
from tame_components.ops.promote.places import Record, release_id
from tame_components.ops.promote.planning import Plan, plan_of
from tame_components.ops.promote.stage import Stage, now
from tame_components.ops.promote.undoing import undo


def promote(stage: Stage, agree: Callable[[Plan], bool]) -> Record | None:
    """Bring the stack to the release that its settings ask for, or leave it as it was.

    The caller holds the lock. An interrupted promotion is finished or taken back first.

    Args:
        stage: the stack.
        agree: whether the plan is to be carried out; asked once.

    Returns:
        The record of the release; None where nothing was to be done, or nobody agreed.

    Raises:
        PromotionUndone, RollbackFailed: it went wrong on the way.
        TameError: nothing was changed.
    """
    done = settle(stage)
    if done is not None:
        return done
    plan = look(stage)
    if (plan.empty and plan.previous == plan.release) or not agree(plan):
        return None
    journal = stage.places.write(
        Journal(stack=plan.stack, release=plan.release, previous=plan.previous, started=now())
    )
    try:
        journal = _save(stage, plan, journal)
    except BaseException:
        stage.places.finish()  # nothing was changed for good, and what was stopped runs again
        raise
    return _forward(stage, journal)


def settle(stage: Stage) -> Record | None:
    """Finish or take back what was interrupted; the record of what was finished.

    Raises:
        PromotionUndone: it had to be taken back, and is.
        RollbackFailed: it could not be.
    """
    journal = stage.places.journal()
    if journal is None:
        return None
    stage.tell(f"a promotion of {journal.release} was interrupted while {journal.phase}")
    stage.put_right()
    needed = journal.resumption(release_id(stage.topology))
    if needed is Resumption.BACK:
        unwanted = journal.model_copy(update={"hold": journal.hold and bool(journal.reason)})
        undo(stage, unwanted, journal.reason or "it was interrupted, and is not wanted any more")
    if needed is Resumption.FORWARD:
        return _forward(stage, journal)
    stage.places.finish()
    return None


def look(stage: Stage) -> Plan:
    """What a promotion would do; images are pulled, so that it can be done.

    Raises:
        ReleaseHeld: the release was rolled back before.
        NoWayBack: what runs now could not be brought back.
        ImageMissing: an image cannot be had.
        DeploymentFailed: a preview or a policy refuses it.
    """
    release = release_id(stage.topology)
    held = stage.places.held()
    if held is not None and held.release == release:
        raise ReleaseHeld(stage.stack.stack, release, held.why)
    previous = _way_back(stage)
    fetch(
        stage.engine,
        (str(service.image) for service in stage.topology.services if not service.host),
        stage.tell,
    )
    stage.tell("preview")
    return plan_of(
        stage.topology,
        stage.deployer.preview(policies=stage.policies),
        release=release,
        previous=previous.id if previous else None,
        seconds=previous.seconds if previous and previous.seconds else None,
    )


def _way_back(stage: Stage) -> Record | None:
    """The release to come back to, proved to be what runs and to be at hand; None: nothing runs."""
    stack = stage.stack.stack
    running = {
        label(one, "tame.service"): str(one.get("Image", ""))
        for one in containers_of(stage.topology, stage.engine)
    }
    if not running:
        return None
    record = stage.places.current()
    if record is None:
        raise NoWayBack(stack, "nobody recorded which release runs")
    if not stage.places.settings_of(record.id).exists():
        raise NoWayBack(stack, f"the settings of release `{record.id}` are lost")
    try:
        fetch(stage.engine, record.release.images.values(), stage.tell)
    except ImageMissing as error:
        raise NoWayBack(stack, error.what) from error
    return record


def _save(stage: Stage, plan: Plan, journal: Journal) -> Journal:
    """A snapshot of every service that is touched and keeps something."""
    snapshots = stage.snapshots(stage.topology)
    for touch in plan.touches:
        if touch.snapshot:
            made = snapshots.snapshot(touch.service, why=f"before {plan.release}")
            journal = stage.places.write(journal.saved(touch.service, made.id))
    return journal


def _forward(stage: Stage, journal: Journal) -> Record:
    """Deploy, prove, write down; on any failure, and on Ctrl-C, back."""
    begun = time.monotonic()
    try:
        if journal.phase is not Phase.PROVING:
            journal = stage.places.write(journal.to(Phase.DEPLOYING))
            stage.deployer.up(listener=stage.hear)
            journal = stage.places.write(journal.to(Phase.PROVING))
        evidence, place = stage.gate()
    except KeyboardInterrupt:
        undo(stage, journal.model_copy(update={"hold": False}), "it was interrupted by Ctrl-C")
    except (TameError, OSError) as error:
        undo(stage, journal, _why(error))
    if evidence.verdict is not Verdict.PASSED:
        names = "; ".join(f"{one.name}: {one.said}" for one in evidence.unproved)
        undo(stage, journal, f"the gate says {evidence.verdict}: {names}")
    record = Record(
        id=journal.release,
        release=evidence.release,
        promoted=now(),
        seconds=time.monotonic() - begun,
        evidence=str(place),
        snapshots=journal.snapshots,
    )
    stage.places.promoted(record, stage.stack.path)
    stage.places.finish()
    return record


def _why(error: TameError | OSError) -> str:
    """The reason in one line; of the engine's, the innermost."""
    if isinstance(error, DeploymentFailed) and error.lines:
        return error.lines[-1].strip().removeprefix("* ")
    return error.what if isinstance(error, TameError) else str(error)


def record_running(stage: Stage) -> Record:
    """Write down what runs as the release to come back to; nothing is changed.

    Raises:
        NotSettled: it is not what the settings ask for.
    """
    preview = stage.deployer.preview()
    if preview.changes:
        raise NotSettled(stage.stack.stack, {step.name for step in preview.steps})
    scene = stage.scene(stage.topology, preview, soak=0)
    record = Record(
        id=release_id(stage.topology),
        release=release_of(scene),
        promoted=now(),
        seconds=0.0,
        evidence="",
    )
    stage.places.promoted(record, stage.stack.path)
    return record
