"""`tame backup`: snapshots of a stack's services, and what the repository has of them."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import typer

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.screen import note, say, say_json, table
from tame_components.domain.errors import counted
from tame_components.domain.topology import Topology
from tame_components.ops.engine import connect
from tame_components.ops.project import Project, find_project
from tame_components.ops.promote.places import Places
from tame_components.ops.snapshot_hook import take
from tame_components.ops.snapshots.catalogue import Entry
from tame_components.ops.snapshots.core import Report, Snapshots
from tame_components.ops.snapshots.execute import Made
from tame_components.ops.snapshots.password import ask_pulumi
from tame_components.ops.snapshots.plan import BackupPlan, Step
from tame_components.ops.snapshots.recovery import Recovered


_MIB = 2**20
_PATIENCE = 1800.0
"""Seconds; whoever comes at night by the clock waits for a promotion to end."""


def run(
    cwd: Path,
    words: Sequence[str],
    *,
    plan: bool,
    listing: bool,
    recover: bool,
    check: str | None,
    as_json: bool,
    machine: bool = False,
) -> int:
    """Snapshot services or the machine, or only plan, list, recover or check."""
    project = find_project(cwd)
    stack, services = split(project, words)
    if machine:
        if services:
            raise typer.BadParameter("the machine has all of them: name no service")
        return _whole(project.stack_file(stack).topology)
    snapshots = open_snapshots(project, stack)
    if recover:
        _show_recovered(snapshots.recover(), as_json=as_json)
    elif listing:
        _list(snapshots, services, as_json=as_json)
    elif check is not None:
        snapshots.check(check)
        say("the repository holds together")
    else:
        _back_up(snapshots, services, only_plan=plan, as_json=as_json)
    return OK


def _whole(topology: Topology) -> int:
    name = take(topology, note)
    if name is None:
        say(f"nothing to take: {topology.stack} has no `tame:preparation.snapshot_hook`")
        return NOT_WELL
    say(name)
    return OK


def split(project: Project, words: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The stack and the services that *words* name: a stack's name stands first or last."""
    for place in (0, -1):
        if words and words[place] in project.stacks:
            rest = list(words)
            return rest.pop(place), tuple(rest)
    return None, tuple(words)


def open_snapshots(project: Project, stack: str | None) -> Snapshots:
    """The snapshots of *stack*; neither the engine nor Pulumi is asked yet."""
    file = project.stack_file(stack)
    topology = file.topology
    return Snapshots(
        topology,
        lambda: connect(topology.settings.engine),
        lambda: ask_pulumi(project.root, file.stack),
        say=note,
    )


def lines_of(steps: Sequence[Step]) -> list[str]:
    """A plan, a line for each step: what happens, to what, why."""
    size = max((len(step.verb) for step in steps), default=0)
    return [f"{step.verb:<{size}}  {step.what}: {step.cause}" for step in steps]


def _back_up(
    snapshots: Snapshots, services: Sequence[str], *, only_plan: bool, as_json: bool
) -> None:
    if only_plan:
        _show_plan(snapshots.plan_backup(services), as_json=as_json)
        return
    with Places.of(snapshots.topology).locked("tame backup", _PATIENCE, note):
        plan = snapshots.plan_backup(services)
        report = snapshots.back_up(plan)
    if as_json:
        say_json({"version": 1, "stack": plan.stack, **report.model_dump(mode="json")})
    else:
        _show(plan, report)


def _show_plan(plan: BackupPlan, *, as_json: bool) -> None:
    if as_json:
        steps = [step.model_dump(mode="json") for step in plan.steps]
        say_json({"version": 1, "stack": plan.stack, "steps": steps, "skipped": plan.skipped})
        return
    for line in (*lines_of(plan.steps), *_skipped(plan)):
        say(line)


def _skipped(plan: BackupPlan) -> list[str]:
    return [f"not {name}: {why}" for name, why in plan.skipped.items()]


def _show(plan: BackupPlan, report: Report) -> None:
    head = ("SERVICE", "SNAPSHOT", "SIZE", "NEW", "DOWN", "ROWS")
    for line in table(head, map(_row, report.made)):
        say(line)
    for line in _skipped(plan):
        say(line)
    say(f"{counted(len(report.made), 'snapshot')} in {plan.repository}")


def _row(made: Made) -> tuple[str, ...]:
    record, timing = made.snapshot.record, made.timing
    down = timing.stop + timing.copy_ + timing.start
    rows = sum(sum(one.rows.values()) for one in record.databases)
    return (
        record.service,
        made.snapshot.id,
        f"{record.size / _MIB:.1f} MiB",
        f"{made.added / _MIB:.1f} MiB",
        f"{down:.1f} s" if timing.start else "-",
        str(rows) if record.databases else "-",
    )


def _list(snapshots: Snapshots, services: Sequence[str], *, as_json: bool) -> None:
    found = [one for one in snapshots.entries() if not services or one.service in services]
    if as_json:
        say_json({"version": 1, "snapshots": [one.model_dump(mode="json") for one in found]})
        return
    for line in table(("SNAPSHOT", "TAKEN", "SERVICE", "IMAGE"), map(_entry, found), shrink=3):
        say(line)
    say(counted(len(found), "snapshot"))


def _entry(entry: Entry) -> tuple[str, ...]:
    moment = entry.time.astimezone(dt.UTC)
    return entry.id, f"{moment:%Y-%m-%d %H:%M} UTC", entry.service, entry.image


def _show_recovered(recovered: Recovered | None, *, as_json: bool) -> None:
    if as_json:
        say_json({"version": 1, "recovered": recovered and recovered.model_dump(mode="json")})
        return
    if recovered is None:
        say("nothing was left to put right")
        return
    say(f"a {recovered.verb} of {recovered.service} was interrupted")
    if recovered.put_back:
        say("its state from before is back")
    if recovered.started:
        say(f"started: {', '.join(recovered.started)}")
