"""`tame restore`: an earlier state of one service, after a look at what that costs."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import typer

from tame_components.cli import OK
from tame_components.cli.backup import lines_of, open_snapshots, split
from tame_components.cli.questions import agreed, somebody_answers
from tame_components.cli.screen import note, say, say_json
from tame_components.ops.project import find_project
from tame_components.ops.promote.places import Places
from tame_components.ops.snapshots.errors import RestoreUnconfirmed
from tame_components.ops.snapshots.plan import RestorePlan


def run(
    cwd: Path,
    words: Sequence[str],
    *,
    snapshot: str | None,
    plan: bool,
    force: bool,
    yes: bool,
    stay_stopped: bool,
    as_json: bool,
) -> int:
    """Restore one service, or only plan it."""
    project = find_project(cwd)
    stack, services = split(project, words)
    if len(services) != 1:
        raise typer.BadParameter("name one service", param_hint="SERVICE")
    (service,) = services
    snapshots = open_snapshots(project, stack)

    def look() -> RestorePlan:
        found = snapshots.find(service, snapshot)
        return snapshots.plan_restore(service, found, start=not stay_stopped, force=force)

    if plan:
        _show(look(), as_json=as_json)
        return OK
    with Places.of(snapshots.topology).locked("tame restore", 0):
        wanted = look()
        if not yes:
            _ask(wanted)
        restored = snapshots.carry_out(wanted)
    if as_json:
        say_json({"version": 1, **restored.model_dump(mode="json")})
    else:
        healthy = "; it is well" if restored.started else ""
        say(f"{service} has its state of {wanted.taken} again{healthy}")
        say(f"what was there: {restored.quarantine}")
    return OK


def _show(plan: RestorePlan, *, as_json: bool) -> None:
    statement = plan.statement(dt.datetime.now(dt.UTC))
    if as_json:
        steps = [step.model_dump(mode="json") for step in plan.steps]
        facts = plan.model_dump(mode="json")
        say_json({"version": 1, "steps": steps, "statement": statement, "plan": facts})
        return
    for line in (*lines_of(plan.steps), "", *statement):
        say(line)


def _ask(plan: RestorePlan) -> None:
    """Raises RestoreUnconfirmed unless a person says yes."""
    statement = plan.statement(dt.datetime.now(dt.UTC))
    for line in (*lines_of(plan.steps), "", *statement, ""):
        note(line)
    if not (somebody_answers() and agreed(f"restore {plan.service}?", default=False)):
        raise RestoreUnconfirmed(plan.service)
