"""A promotion: looked at, agreed to, and carried out as one transaction."""

from collections.abc import Callable

from tame_components.domain.evidence import now
from tame_components.ops.gate.running import release_of
from tame_components.ops.observe import containers_of, label
from tame_components.ops.promote.errors import ImageMissing, NotSettled, NoWayBack, ReleaseHeld
from tame_components.ops.promote.history import Verb
from tame_components.ops.promote.images import fetch
from tame_components.ops.promote.phases import Journal
from tame_components.ops.promote.places import Record, release_id
from tame_components.ops.promote.planning import Plan, plan_of
from tame_components.ops.promote.stage import Stage
from tame_components.ops.promote.transaction import carry_out, noted, settle
from tame_components.ops.revision import revision_of
from tame_components.ops.snapshot_hook import before_promotion


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
    if done is not None and done.id == release_id(stage.topology):
        return done
    with noted(stage, Verb.PROMOTE, release_id(stage.topology)):
        plan = look(stage)
    if (plan.empty and plan.previous == plan.release) or not agree(plan):
        return None
    with noted(stage, Verb.PROMOTE, release_id(stage.topology)):
        before_promotion(stage.topology, stage.tell)
    journal = Journal(
        stack=plan.stack,
        release=plan.release,
        previous=plan.previous,
        program=revision_of(stage.project),
        started=now(),
    )
    return carry_out(stage, journal, plan.snapshotted, stage.topology)


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
        asked=stage.topology.images,
        promoted=now(),
        seconds=0.0,
        evidence="",
    )
    stage.places.promoted(record, stage.stack.path, Verb.RECORD)
    return record
