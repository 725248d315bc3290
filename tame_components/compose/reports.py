"""What `tame lint` prints: for people, for programs, for GitHub's annotations."""

from collections.abc import Iterable, Iterator
from typing import Any

from tame_components.compose.judging import Finding, Verdict
from tame_components.compose.lint import Linted
from tame_components.rules import Level


_WORDS = {
    (Verdict.VIOLATION, Level.MANDATORY): "error",
    (Verdict.VIOLATION, Level.ADVISORY): "advice",
}


def word(finding: Finding) -> str:
    """`error`: a mandatory rule is broken; `advice`: another one; else `undecidable`."""
    return _WORDS.get((finding.verdict, finding.level), "undecidable")


def text(linted: Iterable[Linted], *, quiet: bool = False) -> Iterator[str]:
    """The lines for a person.

    Args:
        linted: what was found.
        quiet: only broken mandatory rules, and the sums.
    """
    for one in linted:
        if one.error or one.judged is None:
            yield f"{one.file}: cannot be judged: {one.error}"
            continue
        for finding in one.judged.findings:
            if quiet and word(finding) != "error":
                continue
            place = f"{finding.place.file}:{finding.place.line}"
            rule = f"{finding.rule.name} ({finding.rule.id})"
            who = finding.service or "the stack"
            yield f"{place}: {word(finding)}: {who}: {rule}: {finding.message}"
            yield f"    {finding.hint}"
        yield from (f"{one.file}: note: {note}" for note in one.judged.project.notes)
        yield f"{one.file}: {sums(one)}"


def sums(one: Linted) -> str:
    """One line: services, and how many verdicts of each kind."""
    if one.judged is None:
        return "cannot be judged"
    counts = one.judged.counts
    words = [word(finding) for finding in one.judged.findings]
    kinds = [f"{words.count(name)} {name}" for name in ("error", "advice", "undecidable")]
    kept = counts.get(Verdict.OK, 0)
    exempt = counts.get(Verdict.EXEMPT, 0)
    allowed = f", {exempt} exempt" if exempt else ""
    return f"{one.judged.services} services; {', '.join(kinds)}{allowed}; {kept} checks kept"


def data(linted: Iterable[Linted]) -> dict[str, Any]:
    """The same for programs; the keys are stable."""
    return {"version": 1, "files": [_file(one) for one in linted]}


def _file(one: Linted) -> dict[str, Any]:
    if one.judged is None:
        error = {"code": one.error.code, "what": one.error.what} if one.error else None
        return {"file": one.file, "error": error, "findings": []}
    return {
        "file": one.file,
        "error": None,
        "services": one.judged.services,
        "verdicts": {verdict.value: one.judged.counts.get(verdict, 0) for verdict in Verdict},
        "notes": list(one.judged.project.notes),
        "findings": [_finding(finding) for finding in one.judged.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.name,
        "id": finding.rule.id,
        "level": finding.level.value,
        "verdict": finding.verdict.value,
        "service": finding.service or None,
        "file": finding.place.file,
        "line": finding.place.line,
        "message": finding.message,
        "hint": finding.hint,
    }


_ANNOTATION = {"error": "error", "advice": "warning", "undecidable": "notice"}


def github(linted: Iterable[Linted]) -> Iterator[str]:
    """Workflow commands, which GitHub shows beside the line.

    Source: docs.github.com, Actions, workflow commands (`::error file=,line=,title=::`).
    """
    for one in linted:
        if one.judged is None:
            what = one.error.what if one.error else ""
            yield f"::error file={_property(one.file)},title=unreadable::{_message(what)}"
            continue
        for finding in one.judged.findings:
            kind = _ANNOTATION[word(finding)]
            file, line = _property(finding.place.file), finding.place.line
            title = _property(f"{finding.rule.id} {finding.rule.name}")
            who = finding.service or "the stack"
            message = _message(f"{who}: {finding.message}; {finding.hint}")
            yield f"::{kind} file={file},line={line},title={title}::{message}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
