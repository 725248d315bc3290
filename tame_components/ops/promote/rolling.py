"""`tame rollback`: back to a release that was recorded, with its databases or without."""

import datetime as dt
from collections.abc import Callable, Iterator

from tame_components.domain.base import Frozen
from tame_components.domain.errors import TameError
from tame_components.domain.evidence import now
from tame_components.domain.topology import Topology
from tame_components.ops.observe import containers_of, label
from tame_components.ops.promote import back
from tame_components.ops.promote.errors import NoWayBack, ReleaseUnknown, StatesMissing
from tame_components.ops.promote.history import Verb, moved, tag
from tame_components.ops.promote.images import fetch
from tame_components.ops.promote.phases import Journal
from tame_components.ops.promote.places import Record
from tame_components.ops.promote.planning import Plan, plan_of
from tame_components.ops.promote.stage import Stage
from tame_components.ops.promote.transaction import carry_out, noted, settle
from tame_components.ops.snapshots.core import Snapshots
from tame_components.ops.snapshots.plan import RestorePlan, version_of


class Returning(Frozen):
    """The databases of one service that go back."""

    service: str
    snapshot: str
    taken: str
    """ISO 8601, UTC."""
    restore: RestorePlan
    """With the rows of now and of then."""


class RollbackPlan(Frozen):
    """What `tame rollback` would do. The JSON is stable: keys are added, never renamed."""

    version: int = 1
    changes: Plan
    promoted: str
    """When the release was proved last; ISO 8601, UTC."""
    images: dict[str, tuple[str, str]]
    """By service: what runs, and what will."""
    databases: tuple[Returning, ...]
    kept: dict[str, str]
    """Services that keep their state as it is, and why."""
    advice: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether the release runs already."""
        return self.changes.empty and self.changes.release == self.changes.previous


def roll_back(
    stage: Stage, asked: str | None, agree: Callable[[RollbackPlan], bool], *, databases: bool
) -> Record | None:
    """Bring the stack back to the release *asked*, or leave it as it was.

    The caller holds the lock. Whatever was interrupted is finished or taken back first; where that
    was a rollback to the same release, it is what was asked for.

    Args:
        stage: the stack.
        asked: the start of a release's id. None: the one that ran before.
        agree: whether the plan is to be carried out; asked once.
        databases: whether they go back where the image does.

    Returns:
        The record of the release; None where it runs already, or nobody agreed.

    Raises:
        RollbackUndone, RollbackFailed: it went wrong on the way.
        TameError: nothing was changed.
    """
    interrupted = stage.places.journal()
    done = settle(stage)
    went_on = interrupted is not None and interrupted.verb is Verb.ROLLBACK
    if done is not None and went_on and done.id.startswith(asked or done.id):
        return done
    with noted(stage, Verb.ROLLBACK, asked or "the one before"):
        plan, goal = look_back(stage, asked, databases=databases)
    if plan.empty or not agree(plan):
        return None
    with noted(stage, Verb.ROLLBACK, plan.changes.release):
        source = stage.snapshots(goal.topology)
        for one in plan.databases:
            source.prove(one.restore)
    journal = Journal(
        verb=Verb.ROLLBACK,
        stack=plan.changes.stack,
        release=plan.changes.release,
        previous=plan.changes.previous,
        restores={one.service: one.snapshot for one in plan.databases},
        started=now(),
    )
    touched = {*plan.changes.snapshotted, *journal.restores}
    return carry_out(stage, journal, sorted(touched), goal.topology)


def look_back(
    stage: Stage, asked: str | None, *, databases: bool
) -> tuple[RollbackPlan, back.Target]:
    """What a rollback would do; images are pulled and snapshots found, so that it can be done.

    Raises:
        ReleaseUnknown: nobody recorded it.
        NoWayBack: its settings are lost, or the programs of today cannot deploy them.
        ImageMissing: an image of it cannot be had.
        StatesMissing: a database that has to go back has no snapshot.
    """
    record, current = _chosen(stage, asked)
    goal = back.target(stage, record.id, f"`tame rollback` asked for {record.id}")
    topology = _topology(stage, goal)
    fetch(stage.engine, _wanted(goal), stage.tell)
    stage.tell("preview")
    steps = plan_of(
        topology,
        stage.deployer.preview(settings=goal.file.path),
        release=record.id,
        previous=current.id,
        seconds=record.seconds or None,
    )
    images = moved(_running(stage, current), record.release.images)
    returning = dict(_returning(stage, goal, images)) if databases else {}
    plan = RollbackPlan(
        changes=steps,
        promoted=record.promoted,
        images=images,
        databases=tuple(returning.values()),
        kept={
            name: _why_kept(images.get(name), databases=databases)
            for name in steps.snapshotted
            if name not in returning
        },
        advice=tuple(_advice(stage, record, current)),
    )
    return plan, goal


def _chosen(stage: Stage, asked: str | None) -> tuple[Record, Record]:
    """The release to come back to, and the one of now."""
    stack, current = stage.stack.stack, stage.places.current()
    if current is None:
        raise NoWayBack(stack, "nobody recorded which release runs")
    known = [one.id for one in stage.places.records()]
    others = [one for one in known if one != current.id]
    if asked is None:
        found = [name for name in (stage.places.history().before,) if name in others]
    else:
        found = [one for one in known if one.startswith(asked)]
    record = stage.places.record(found[0]) if len(found) == 1 else None
    if record is None:
        raise ReleaseUnknown(stack, asked, others)
    return record, current


def _topology(stage: Stage, goal: back.Target) -> Topology:
    try:
        return goal.topology
    except TameError as error:
        raise NoWayBack(stage.stack.stack, f"release `{goal.record.id}`: {error.what}") from error


def _wanted(goal: back.Target) -> set[str]:
    """Every image of the release: as it was pulled, and as it is asked for."""
    ours = [one for one in goal.topology.services if not one.host]
    known = goal.record.release.images
    return {name for one in ours for name in (str(one.image), known.get(one.name, str(one.image)))}


def _running(stage: Stage, current: Record) -> dict[str, str]:
    """By service: the image that its container was made from; without one, the recorded one."""
    found = dict(current.release.images)
    for one in containers_of(stage.topology, stage.engine):
        service, image = label(one, "tame.service"), str(one.get("Image", ""))
        # Docker gives a bare id as soon as the tag has moved to another image.
        named = ":" in image and not image.startswith("sha256:")
        found[service] = image if named else current.release.images.get(service, image)
    return found


def _returning(
    stage: Stage, goal: back.Target, images: dict[str, tuple[str, str]]
) -> Iterator[tuple[str, Returning]]:
    """The databases that another image may have migrated, each with the snapshot to give it.

    Raises:
        StatesMissing: some have none.
    """
    topology = goal.topology
    wanted = [
        one
        for one in topology.services
        if one.name in images and not rebuilt(*images[one.name]) and one.backed_up
    ]
    if not wanted:
        return
    source = stage.snapshots(topology)
    states = stage.places.history().states(goal.record.id)
    there = {one.id: version_of(one.image) for one in source.entries()}
    missing: dict[str, str] = {}
    for service in wanted:
        name, version = states.get(service.name), version_of(str(service.image))
        if name is None:
            missing[service.name] = "no snapshot was made when the release ended"
        elif name not in there:
            missing[service.name] = f"its snapshot `{name}` is not in the repository any more"
        elif there[name] != version:
            missing[service.name] = f"its snapshot `{name}` is of `{there[name]}`, not `{version}`"
    if missing:
        raise StatesMissing(stage.stack.stack, goal.record.id, missing)
    for service in wanted:
        yield service.name, _planned(source, service.name, states[service.name])


def rebuilt(old: str, new: str) -> bool:
    """Whether two images hold one version of the application, by the tags: nothing was migrated.

    Equal tags say nothing: `latest` is another version every week.
    """
    return tag(old) != tag(new) and version_of(old) == version_of(new)


def _why_kept(images: tuple[str, str] | None, *, databases: bool) -> str:
    if images is None:
        return "its image stays"
    return "the same version in another build" if databases else "`--keep-databases`"


def _planned(source: Snapshots, service: str, name: str) -> Returning:
    snapshot = source.find(service, name)
    return Returning(
        service=service,
        snapshot=snapshot.id,
        taken=snapshot.record.taken.astimezone(dt.UTC).isoformat(timespec="seconds"),
        restore=source.plan_restore(service, snapshot, start=False, force=True),
    )


def _advice(stage: Stage, record: Record, current: Record) -> Iterator[str]:
    """What a person should know before saying yes."""
    if record.release.program != current.release.program:
        yield (
            "settings and images go back, programs do not: it was deployed by "
            f"{record.release.program or 'an unknown revision'}"
        )
    held = stage.places.held()
    if held is not None and held.release == record.id:
        yield f"the release is held ({held.why}); this lets it go"
