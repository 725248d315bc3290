"""What the pack itself has to say: what it could not judge, and what it let pass."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.policy import SESSION
from tame_components.rules import RULES, Judgement, exempted, judge, judge_stack, subject_of


if TYPE_CHECKING:
    from tame_components.domain.container import Container


def _unjudged(args: StackValidationArgs, report: ReportViolation) -> None:
    """One line with how many checks have to wait for the update, and for which properties."""
    count, waiting = 0, []
    for container, judgement in _waiting(args):
        count += len(judgement.undecided)
        read = {field for rule in judgement.undecided for field in RULES[rule].reads}
        fields = ", ".join(f"`{field}`" for field in sorted(read & container.unknown))
        if judgement.undecided:
            waiting.append(f"{fields} of `{subject_of(container)}`")
    for name in judge_stack(SESSION.scope(complete=True)).undecided:
        count += 1
        waiting.append(f"all that `{name}` counts")
    if count:
        checks = "1 check" if count == 1 else f"{count} checks"
        report(
            f"{checks} could not be judged yet, waiting for {'; '.join(waiting)}. `pulumi up` "
            "judges them before it touches the container, and stops where it still cannot",
            None,
        )


def _exempted(args: StackValidationArgs, report: ReportViolation) -> None:
    """One line with every offence that an exemption allows today, and who asked for it."""
    SESSION.settle(args.resources)
    allowed = exempted(SESSION.scope(complete=True))
    if allowed:
        report(f"allowed for now: {'; '.join(allowed)}", None)


def _waiting(args: StackValidationArgs) -> Iterator[tuple["Container", Judgement]]:
    """What has unknown fields, judged with all that is known at the end."""
    containers = SESSION.settle(args.resources)
    scope = SESSION.scope(complete=True)
    for container in containers.values():
        if container.unknown:
            yield container, judge(container, scope)


POLICIES: list[Policy] = [
    StackValidationPolicy(
        name="unjudged-checks",
        description="Some properties are not known before the update",
        validate=_unjudged,
        enforcement_level=EnforcementLevel.ADVISORY,
        severity=Severity.MEDIUM,
        remediation_steps="Give the property a plain value instead of another resource's output",
        url="docs/reference/rules.md#unjudged-checks",
    ),
    StackValidationPolicy(
        name="exemptions-in-force",
        description="Exemptions allow what the doctrine forbids",
        validate=_exempted,
        enforcement_level=EnforcementLevel.ADVISORY,
        severity=Severity.LOW,
        remediation_steps="Remove the cause, then the exemption",
        url="docs/reference/rules.md#exemptions-in-force",
    ),
]
