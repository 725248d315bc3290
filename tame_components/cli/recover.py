"""`tame recover`: what a killed `pulumi up` left, put right; first the plan, then a question."""

import textwrap
from pathlib import Path

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.questions import agreed, somebody_answers
from tame_components.cli.screen import note, painted, say, say_json, width
from tame_components.ops.engine import connect
from tame_components.ops.project import find_project
from tame_components.ops.recover import Plan, Step, execute, plan
from tame_components.ops.situation import look


def run(cwd: Path, stack: str | None, *, only_plan: bool, yes: bool, as_json: bool) -> int:
    """Print the plan and, where it is wanted, carry it out; 0 where nothing is left to do."""
    settings = find_project(cwd).stack_file(stack)
    engine = connect(settings.settings.engine)
    steps = plan(look(settings, engine))
    if not as_json:
        for line in lines(steps):
            say(line)
    wanted = bool(steps.steps) and not only_plan and (yes or _agreed(steps, as_json=as_json))
    if wanted:
        execute(steps, settings, engine, _Progress(len(steps.steps)).tell)
    if as_json:
        say_json({**steps.model_dump(mode="json"), "executed": wanted})
    elif wanted:
        say(f"recovered; next: `pulumi up --refresh -s {steps.stack}`")
    return OK if wanted or not steps.steps else NOT_WELL


def _agreed(steps: Plan, *, as_json: bool) -> bool:
    """Ask, where somebody can answer."""
    if as_json or not somebody_answers():
        note("nothing was changed: nobody can be asked here; `--yes` does what is planned")
        return False
    count = len(steps.steps)
    question = f"do {'this step' if count == 1 else f'these {count} steps'} now?"
    return agreed(question, default=False)


class _Progress:
    """A line for each step: the refresh alone may take half a minute."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._at = 0

    def tell(self, step: Step) -> None:
        self._at += 1
        note(f"{self._at} of {self._count}: {step.what}")


def lines(steps: Plan) -> list[str]:
    """The whole plan."""
    told = [painted(f"stack {steps.stack} in {steps.backend}", "bold")]
    if not steps.steps:
        told.append("nothing to recover")
    for number, step in enumerate(steps.steps, 1):
        told += ["", *_folded(f"{number}. {step.what}"), *_folded(f"   why: {step.cause}")]
    for one in steps.left_alone:
        told += ["", *_folded(f"-  left alone: {one}")]
    return [*told, ""]


def _folded(text: str) -> list[str]:
    return textwrap.wrap(
        text, width(), subsequent_indent="   ", break_long_words=False, break_on_hyphens=False
    )
