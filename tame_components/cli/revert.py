"""`tame revert`: the commits of a release that was rolled back, taken back on a branch."""

from pathlib import Path
from typing import Any

from tame_components.cli import OK
from tame_components.cli.files import save
from tame_components.cli.screen import say, say_json
from tame_components.ops.project import find_project
from tame_components.ops.promote import reverting
from tame_components.ops.promote.revert_page import markdown, message
from tame_components.ops.promote.reverting import Revert


def run(
    cwd: Path, stack: str | None, *, only_plan: bool, output: Path | None, as_json: bool
) -> int:
    """Make the branch, or only say what would be on it; 0 also where there is nothing to do."""
    project = find_project(cwd)
    file = project.stack_file(stack)
    revert = reverting.look(file)
    if revert is None:
        _tell_nothing(file.stack, as_json=as_json)
        return OK
    if output is not None:  # a place that takes no file is found out before there is a branch
        save(output, markdown(revert))
    if not only_plan:
        revert = reverting.make(project.root, revert, message(revert))
    if output is not None and revert.settles:
        save(output, markdown(revert))
    if as_json:
        say_json(_told(revert))
        return OK
    for line in _lines(revert, made=not only_plan):
        say(line)
    return OK


def _tell_nothing(stack: str, *, as_json: bool) -> None:
    if as_json:
        say_json({"version": 1, "stack": stack, "branch": None})
        return
    say(f"nothing to take back: no release is held that the settings of {stack} ask for")


def _told(revert: Revert) -> dict[str, Any]:
    """The JSON is stable: keys are added, never renamed."""
    return {
        "version": 1,
        "stack": revert.stack,
        "branch": revert.branch,
        "title": revert.title,
        "release": revert.held.release,
        "previous": revert.previous.id,
        "why": revert.held.why,
        "commits": [one.model_dump(mode="json") for one in revert.commits],
    }


def _lines(revert: Revert, *, made: bool) -> list[str]:
    verb = "is on" if made else "would be on"
    return [
        revert.title,
        f"because {revert.held.why}",
        *(f"  {one.id[:8]} {one.title}" for one in revert.commits),
        f"the reverse {verb} branch {revert.branch}; the checkout stays as it is",
    ]
