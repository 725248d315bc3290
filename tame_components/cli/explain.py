"""`tame explain`: a page about a service, an error code or a rule."""

import textwrap
from pathlib import Path

from tame_components.cli import OK
from tame_components.cli.screen import painted, say, say_json, width
from tame_components.domain.topology import Topology
from tame_components.ops.errors import ProjectMissing, StackUnclear
from tame_components.ops.explain import Page, explain
from tame_components.ops.project import find_project
from tame_components.ops.reasons import Reason


def run(cwd: Path, topic: str, stack: str | None, *, as_json: bool) -> int:
    """Print the page about *topic*."""
    page = explain(topic, _topology(cwd, stack))
    if as_json:
        say_json({"version": 1, **page.model_dump(mode="json")})
    else:
        _show(page)
    return OK


def _topology(cwd: Path, stack: str | None) -> Topology | None:
    """The stack, where there is one: a code or a rule can be explained anywhere."""
    try:
        return find_project(cwd).stack_file(stack).topology
    except (ProjectMissing, StackUnclear):
        if stack is not None:
            raise
        return None


def _show(page: Page) -> None:
    say(painted(page.topic, "bold"))
    for line in _folded(page.summary, width()):
        say(line)
    for reason in page.reasons:
        say()
        for line in _lines(reason):
            say(line)


def _lines(reason: Reason) -> list[str]:
    head, *more = reason.value.rstrip().splitlines() or [""]
    lines = [f"{painted(reason.setting, 'bold')}: {head}", *(f"  {line}" for line in more)]
    source = f"source: {reason.source}" if reason.source else ""
    for text in (reason.why, source):
        lines += [f"  {line}" for line in _folded(text, width() - 2)]
    return lines


def _folded(text: str, columns: int) -> list[str]:
    """URLs and paths stay whole."""
    return textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=False)
