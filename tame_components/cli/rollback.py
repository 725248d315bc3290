"""`tame rollback`: back to a release that was recorded, or the one that runs stays."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import typer

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.backup import split
from tame_components.cli.promote import confirmed, rows_of, stage_of, tell
from tame_components.cli.screen import painted, say, say_json, table
from tame_components.ops.project import find_project
from tame_components.ops.promote.history import tag
from tame_components.ops.promote.releases import Listed, listed
from tame_components.ops.promote.rolling import Returning, RollbackPlan, look_back, roll_back
from tame_components.ops.promote.transaction import settle
from tame_components.ops.revision import DIRTY


def run(
    cwd: Path,
    words: Sequence[str],
    *,
    only_plan: bool,
    yes: bool,
    as_json: bool,
    databases: bool,
    wait: float,
) -> int:
    """Roll back, or only say what that would do; 0 where the stack runs the release."""
    stack, release = _words(cwd, words)
    stage = stage_of(cwd, stack, 0)
    with stage.places.locked("tame rollback", wait, stage.tell):
        if only_plan:
            settle(stage)
            _show(look_back(stage, release, databases=databases)[0], as_json=as_json)
            return OK
        asked: list[RollbackPlan] = []

        def agree(plan: RollbackPlan) -> bool:
            asked.append(plan)
            if not as_json:
                _show(plan, as_json=False)
            return yes or confirmed("roll back now?")

        record = roll_back(stage, release, agree, databases=databases)
    if record is not None:
        tell(record, as_json=as_json)
        return OK
    if asked:
        return NOT_WELL
    say("nothing to do: the stack runs this release")
    return OK


def listing(cwd: Path, words: Sequence[str], *, as_json: bool) -> int:
    """Every release that ran, and what there is to come back to it."""
    stack, _ = _words(cwd, words)
    stage = stage_of(cwd, stack, 0)
    found, held = listed(stage), stage.places.held()
    if as_json:
        releases = [one.model_dump(mode="json") for one in found]
        told = held.model_dump(mode="json") if held else None
        say_json({"version": 1, "stack": stage.stack.stack, "releases": releases, "held": told})
        return OK
    head = ("", "RELEASE", "SINCE", "BY", "REVISION", "SNAPSHOTS", "CHANGED")
    rows = [row_of(one, now=one is found[-1]) for one in found]
    for line in table(head, rows, shrink=6):
        say(line)
    if held:
        say(f"held: {held.release}, since {held.since}: {held.why}")
    return OK


def _words(cwd: Path, words: Sequence[str]) -> tuple[str | None, str | None]:
    stack, rest = split(find_project(cwd), words)
    if len(rest) > 1:
        raise typer.BadParameter("name one stack and one release", param_hint="[STACK] [RELEASE]")
    return stack, rest[0] if rest else None


def row_of(one: Listed, *, now: bool) -> list[str]:
    """One line of the list: since when, by what, and how much of it can come back."""
    revision = (one.program or "-").removesuffix(DIRTY)[:8]
    dirty = "+" if (one.program or "").endswith(DIRTY) else ""
    there = f"{len(one.snapshots)} of {len(one.snapshots) + len(one.gone)}"
    return [
        "*" if now else " ",
        one.release,
        one.since.replace("T", " ").removesuffix("+00:00"),
        one.verb,
        revision + dirty,
        "-" if now or not (one.snapshots or one.gone) else there,
        ", ".join(one.changes) or "-",
    ]


def _show(plan: RollbackPlan, *, as_json: bool) -> None:
    if as_json:
        say_json(plan.model_dump(mode="json"))
        return
    for line in lines(plan):
        say(line)


def lines(plan: RollbackPlan) -> list[str]:
    """The plan: images, databases, what is lost, and what undoes it."""
    steps = plan.changes
    head = painted(f"roll {steps.stack} back to release {steps.release} of {plan.promoted}", "bold")
    if plan.empty:
        return [head, "it runs already"]
    return [
        head,
        "",
        *(f"{name}: image {tag(old)} -> {tag(new)}" for name, (old, new) in plan.images.items()),
        *([] if plan.images else ["no image changes"]),
        *rows_of(steps.radius),
        "",
        *(line for one in plan.databases for line in _losses(one)),
        *([] if plan.databases else ["no database goes back"]),
        *(f"{name} keeps its state: {why}" for name, why in plan.kept.items()),
        *(f"advice: {one}" for one in plan.advice),
        "",
        f"if it fails, release {steps.previous} comes back with its databases",
        f"afterwards {steps.previous} is held: `tame revert` takes its commit back, on a branch",
    ]


def _losses(one: Returning) -> list[str]:
    """The database of one service: from which snapshot, how old, and the rows lost."""
    head, kept, *rows = one.restore.statement(dt.datetime.now(dt.UTC))
    return [
        f"{one.service}: database from snapshot {one.snapshot}",
        *(f"  {line}" for line in (head, *rows, kept)),
    ]
