"""`tame doctor`: findings, worst first."""

import textwrap
from pathlib import Path

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.screen import painted, say, say_json, symbol, width
from tame_components.ops.doctor import Finding, Severity, examine
from tame_components.ops.project import find_project


_LOOK = {
    Severity.BROKEN: ("✘", "x", "red"),
    Severity.RISK: ("▲", "!", "yellow"),
    Severity.FACT: ("·", "-", ""),
}


def run(cwd: Path, stack: str | None, *, as_json: bool) -> int:
    """Print what is found; 0 where nothing is broken or at risk."""
    settings = find_project(cwd).stack_file(stack)
    found = examine(settings)
    bad = [one for one in found if one.severity is not Severity.FACT]
    if as_json:
        plain = [
            {**one.model_dump(mode="json"), "severity": one.severity.name.lower()} for one in found
        ]
        say_json({"version": 1, "stack": settings.stack, "findings": plain})
    else:
        for one in found:
            for line in lines(one):
                say(line)
        say()
        broken = sum(one.severity is Severity.BROKEN for one in bad)
        say(f"{broken} broken, {len(bad) - broken} at risk" if bad else "nothing is wrong")
    return NOT_WELL if bad else OK


def lines(finding: Finding) -> list[str]:
    """A finding, folded to the terminal; the hint is not: what it says to type stays one line."""
    preferred, plain, colour = _LOOK[finding.severity]
    mark = painted(symbol(preferred, plain), colour)
    head, *rest = _folded(f"{finding.subject}: {finding.what}")
    cause = _folded(f"cause: {finding.cause}") if finding.cause else []
    hint = [f"hint: {finding.hint}"] if finding.hint else []
    return [f"{mark} {head}", *(f"    {line}" for line in (*rest, *cause, *hint))]


def _folded(text: str) -> list[str]:
    return textwrap.wrap(
        text, max(40, width() - 4), break_long_words=False, break_on_hyphens=False
    ) or [""]
