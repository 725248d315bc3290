"""SARIF 2.1.0, which code hosts and editors show.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.13 to 3.28.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from tame_components.compose.judging import Finding, Verdict
from tame_components.compose.lint import Linted
from tame_components.compose.reports import word
from tame_components.rules import RULES, Level, Rule


SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Level.MANDATORY: "error", Level.ADVISORY: "warning", Level.OFF: "none"}


def sarif(linted: Iterable[Linted], *, version: str, environment: str = "prod") -> dict[str, Any]:
    """A log with one run.

    Args:
        linted: what was found.
        version: of TAME.
        environment: whose levels are each rule's default.
    """
    found = list(linted)
    rules = list(RULES.values())
    order = {rule.name: index for index, rule in enumerate(rules)}
    failed = [one for one in found if one.judged is None]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tame",
                        "version": version,
                        "rules": [_rule(rule, environment) for rule in rules],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": not failed,
                        "toolExecutionNotifications": [_notification(one) for one in failed],
                    }
                ],
                "results": [
                    _result(finding, order)
                    for one in found
                    if one.judged
                    for finding in one.judged.findings
                ],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _rule(rule: Rule, environment: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary}: {rule.why}"},
        "help": {"text": f"found: {rule.example}\ninstead: {rule.instead}"},
        "defaultConfiguration": {"level": _LEVELS[rule.levels.at(environment)]},
    }


def _result(finding: Finding, order: dict[str, int]) -> dict[str, Any]:
    # "open" is SARIF's word for "not enough is known"; its level must then be "none" (3.27.9).
    undecided = finding.verdict is Verdict.UNDECIDABLE
    who = finding.service or "the stack"
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": order[finding.rule.name],
        "kind": "open" if undecided else "fail",
        "level": "none" if undecided else _LEVELS[finding.level],
        "message": {"text": f"{who}: {finding.message}; {finding.hint}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.place.file)},
                    "region": {"startLine": finding.place.line},
                }
            }
        ],
        "partialFingerprints": {"tame/v1": _fingerprint(finding)},
        "properties": {"service": finding.service, "verdict": word(finding)},
    }


def _fingerprint(finding: Finding) -> str:
    """The same for the same offence wherever its line moves."""
    parts: Sequence[str] = (finding.rule.id, finding.service, finding.message)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _notification(one: Linted) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": one.error.what if one.error else "not judged"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(one.file)}}}],
    }


def _uri(file: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - this format alone needs it

    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
