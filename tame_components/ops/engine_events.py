"""What Pulumi's engine says while it works, read into steps, findings and words."""

import re
from collections import Counter
from typing import Any

from tame_components.ops.deployer import UNCHANGED, Listener, PolicyFinding, Progress, Step


_COLOUR = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")
_TRACEBACK = "Traceback (most recent call last)"
_GENERIC = re.compile(r"^(?:update|preview|refresh|destroy) failed$")


_OWN = "pulumi:providers:pulumi"
"""Pulumi's provider of itself: it comes with the first stack reference, and changes nothing."""


class Reader:
    """Collects one deployment's events. *listener* hears them from another thread."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.steps: list[Step] = []
        self.counts: Counter[str] = Counter()
        self.findings: list[PolicyFinding] = []
        self.errors: list[str] = []
        """What stopped it, in the engine's own words; no traceback."""
        self._own: Counter[str] = Counter()

    def hear(self, event: Any) -> None:  # noqa: ANN401 - an EngineEvent; Pulumi stays out of here
        """Take one event of the engine."""
        if event.resource_pre_event:
            self._begun(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._tell("done", event.res_outputs_event.metadata)
        elif event.res_op_failed_event:
            self._tell("failed", event.res_op_failed_event.metadata)
        elif event.diagnostic_event:
            self._said(event.diagnostic_event)
        elif event.policy_event:
            self._judged(event.policy_event)
        elif event.summary_event:
            changes = event.summary_event.resource_changes
            self.counts.update({str(_word(op)): count for op, count in changes.items()})
            self.counts -= self._own

    def _begun(self, step: Any) -> None:  # noqa: ANN401 - see `hear`
        operation = str(_word(step.op))
        if operation in UNCHANGED:
            return
        if step.type == _OWN:
            self._own[operation] += 1
            return
        self.steps.append(
            Step(operation=operation, urn=step.urn, type=step.type, reasons=_reasons(step))
        )
        self._tell("begun", step)

    def _tell(self, kind: str, step: Any) -> None:  # noqa: ANN401 - see `hear`
        operation = str(_word(step.op))
        if operation not in UNCHANGED:
            self._listener(Progress(kind, f"{operation} {step.urn.rpartition('::')[2]}"))

    def _said(self, diagnostic: Any) -> None:  # noqa: ANN401 - see `hear`
        text = plain(diagnostic.message)
        if not text or diagnostic.ephemeral:
            return
        if diagnostic.severity == "error":
            self.errors.extend(line for line in told(text) if line not in self.errors)
        else:
            self._listener(Progress("said", text.splitlines()[0]))

    def _judged(self, policy: Any) -> None:  # noqa: ANN401 - see `hear`
        finding = PolicyFinding(
            policy=policy.policy_name,
            level=policy.enforcement_level,
            message=plain(policy.message),
            urn=policy.resource_urn or None,
        )
        self.findings.append(finding)
        if finding.level == "mandatory":
            self.errors.append(f"{finding.policy}: {finding.message}")


def plain(text: str) -> str:
    """*text* without the engine's colour marks."""
    return _COLOUR.sub("", text).strip()


def told(text: str) -> list[str]:
    """The lines of an error that a person needs: of a traceback the last, of others all."""
    lines = [line.rstrip() for line in plain(text).splitlines() if line.strip()]
    if any(_TRACEBACK in line for line in lines):
        lines = lines[-1:]
    lines = [line.removeprefix("error: ") for line in lines]
    return [line for line in lines if not _GENERIC.match(line)]


def error_lines(printed: str) -> list[str]:
    """The error lines of what a `pulumi` command printed; its last line where none is marked."""
    lines = [plain(line) for line in printed.splitlines() if plain(line)]
    marked = [line.partition("error: ")[2] for line in lines if "error: " in line]
    chosen = marked or [line for line in lines if not line.endswith((":", ": 0"))][-1:]
    specific = [line for line in chosen if not _GENERIC.match(line)]
    return specific or chosen or ["no reason was given"]


def _word(operation: Any) -> str:  # noqa: ANN401 - an enumeration of Pulumi's, or its text
    return str(getattr(operation, "value", operation))


def _reasons(step: Any) -> tuple[str, ...]:  # noqa: ANN401 - see `Reader.hear`
    if step.detailed_diff:
        return tuple(
            path + ("!" if "replace" in _word(diff.diff_kind) else "")
            for path, diff in sorted(step.detailed_diff.items())
        )
    replacing = set(step.keys or ())
    changed = sorted(replacing | set(step.diffs or ()))
    return tuple(path + ("!" if path in replacing else "") for path in changed)
