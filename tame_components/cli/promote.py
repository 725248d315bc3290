"""`tame promote`: what the sandbox proved reaches prod, or prod stays as it was."""

import sys
from pathlib import Path

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.questions import agreed, somebody_answers
from tame_components.cli.screen import note, painted, say, say_json, short_time, table
from tame_components.ops.blast_radius import BlastRadius, Touched, in_words
from tame_components.ops.deployer import deployer_of
from tame_components.ops.engine import connect
from tame_components.ops.project import find_project
from tame_components.ops.promote.places import Places, Record
from tame_components.ops.promote.planning import Plan
from tame_components.ops.promote.run import look, promote, record_running
from tame_components.ops.promote.stage import Stage
from tame_components.ops.promote.transaction import settle
from tame_components.ops.snapshots.errors import SnapshotsElsewhere


def run(
    cwd: Path,
    stack: str | None,
    *,
    only_plan: bool,
    yes: bool,
    as_json: bool,
    soak: int | None,
    wait: float,
) -> int:
    """Promote, or only say what that would do; 0 where the stack runs what is asked for."""
    stage = stage_of(cwd, stack, soak)
    with stage.places.locked("tame promote", wait, stage.tell):
        if only_plan:
            settle(stage)
            _show(look(stage), as_json=as_json)
            return OK
        asked: list[Plan] = []

        def agree(plan: Plan) -> bool:
            asked.append(plan)
            if not as_json:
                _show(plan, as_json=False)
            return yes or confirmed("promote now?")

        record = promote(stage, agree)
    if record is not None:
        tell(record, as_json=as_json)
        return OK
    if asked:
        return NOT_WELL
    say("nothing to do: the stack runs what its settings ask for")
    return OK


def keep_running(cwd: Path, stack: str | None) -> int:
    """Make what runs the release to come back to."""
    stage = stage_of(cwd, stack, 0)
    with stage.places.locked("tame promote --record", 0):
        record = record_running(stage)
    say(f"release {record.id} of {stage.stack.stack} is recorded; a rollback comes back to it")
    return OK


def listing(cwd: Path, stack: str | None, *, as_json: bool) -> int:
    """Every release that was promoted, and what is held."""
    topology = find_project(cwd).stack_file(stack).topology
    places = Places.of(topology)
    records, held, current = places.records(), places.held(), places.current()
    incidents = [str(one) for one in places.incidents()]
    if as_json:
        say_json(
            {
                "version": 1,
                "current": current.id if current else None,
                "held": held.model_dump(mode="json") if held else None,
                "releases": [one.model_dump(mode="json") for one in records],
                "incidents": incidents,
            }
        )
        return OK
    rows = [
        ["*" if current and one.id == current.id else " ", one.id, one.promoted, one.evidence]
        for one in records
    ]
    for line in table(["", "RELEASE", "PROMOTED", "EVIDENCE"], rows, shrink=3):
        say(line)
    if held:
        say(f"held: {held.release}, since {held.since}: {held.why}")
    for place in incidents:
        say(f"incident: {place}")
    return OK


def stage_of(cwd: Path, stack: str | None, soak: int | None) -> Stage:
    """The stack, and what moves it.

    Raises:
        SnapshotsElsewhere: its engine is another machine's.
    """
    project = find_project(cwd)
    chosen = project.stack_file(stack)
    settings = chosen.settings
    if not settings.local:
        raise SnapshotsElsewhere(settings.engine)
    policies = project.root / "policies"
    return Stage(
        project=project.root,
        stack=chosen,
        deployer=deployer_of(project.root, chosen.stack),
        engine=connect(settings.engine),
        places=Places.of(chosen.topology),
        soak=settings.evidence.soak_seconds if soak is None else soak,
        tell=note,
        policies=policies if policies.exists() else None,
    )


def confirmed(question: str) -> bool:
    """Whether a person says yes; where nobody can be asked, nobody does."""
    if not somebody_answers():
        note("nothing was changed: nobody can be asked here; `--yes` does what is planned")
        return False
    return agreed(question, default=False)


def _show(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        say_json(plan.model_dump(mode="json"))
        return
    for line in lines(plan):
        say(line)


def lines(plan: Plan) -> list[str]:
    """The plan: what is touched and why, and where a rollback leads."""
    head = painted(f"promote release {plan.release} to {plan.stack}", "bold")
    if plan.empty:
        return [head, "nothing changes; the gate proves it, and the release is recorded"]
    back = f"release {plan.previous}" if plan.previous else "nothing: the stack is empty"
    took = f"the last promotion took {short_time(int(plan.seconds))}" if plan.seconds else ""
    return [
        head,
        "",
        *rows_of(plan.radius),
        *(f"advice: {one}" for one in plan.advice),
        "",
        *([took] if took else []),
        f"a rollback comes back to {back}",
    ]


def rows_of(radius: BlastRadius) -> list[str]:
    """What is touched, for how long and why: a table."""
    head = ["SERVICE", "WHAT HAPPENS", "AWAY FOR", "SNAPSHOT", "WHY"]
    lines = table(head, map(_row, radius.services), shrink=4) if radius.services else []
    lines += [f"also: {one}" for one in radius.others]
    if any(radius.downtime):
        lines.append(f"until all is back: {in_words(radius.downtime)}")
    return lines


def _row(one: Touched) -> list[str]:
    snapshot = "before" if one.snapshot else "-"
    return [one.service, one.effect, in_words(one.downtime), snapshot, "; ".join(one.why) or "-"]


def tell(record: Record, *, as_json: bool) -> None:
    """What runs now, and where it is proved."""
    if as_json:
        say_json(record.model_dump(mode="json"))
        return
    sys.stdout.flush()
    say(f"release {record.id} runs and is proved, after {record.seconds:.0f} s")
    say(f"evidence: {record.evidence}")
