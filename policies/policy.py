"""From a rule to the policies that judge it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.session import CONTAINER, Session
from tame_components.rules import Level, Rule, judge, judge_stack, subject_of


if TYPE_CHECKING:
    from tame_components.domain.container import Container

SESSION = Session()
"""One process serves one preview or one update of one stack."""

_ACROSS = "-across-stack"

_ENFORCEMENT = {
    Level.MANDATORY: EnforcementLevel.MANDATORY,
    Level.ADVISORY: EnforcementLevel.ADVISORY,
    Level.OFF: EnforcementLevel.DISABLED,
}


def policies_of(rule: Rule, severity: Severity) -> Iterator[Policy]:
    """The policy that judges each container, and the one that judges all together if need be."""
    if rule.check is None:
        yield StackValidationPolicy(
            name=rule.name,
            description=f"{rule.id}: {rule.summary}",
            validate=_stack(rule),
            severity=severity,
            remediation_steps=rule.instead,
            url=_url(rule),
        )
        return
    yield ResourceValidationPolicy(
        name=rule.name,
        description=f"{rule.id}: {rule.summary}",
        validate=_each(rule),
        severity=severity,
        remediation_steps=rule.instead,
        url=_url(rule),
    )
    if rule.whole_stack:
        yield StackValidationPolicy(
            name=rule.name + _ACROSS,
            description=f"{rule.id}: {rule.summary}",
            validate=_all(rule),
            severity=severity,
            remediation_steps=rule.instead,
            url=_url(rule),
        )


def set_levels(policies: list[Policy], rules: dict[str, Rule]) -> None:
    """Give each policy the level of its rule in the environment of the stack.

    The engine asks for the levels afterwards, and lets `--policy-pack-config` change them.
    """
    for policy in policies:
        rule = rules.get(policy.name.removesuffix(_ACROSS))
        if rule is not None:
            policy.enforcement_level = _ENFORCEMENT[rule.levels.at(SESSION.environment)]


def _url(rule: Rule) -> str:
    return f"docs/reference/rules.md#{rule.name}"


def _each(rule: Rule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type == CONTAINER:
            _report(rule, SESSION.container(args), args.urn, report)
        elif args.urn in SESSION.images and rule.reads == {"image"}:
            _report(rule, SESSION.images[args.urn], args.urn, report)

    return validate


def _report(rule: Rule, container: "Container", urn: str, report: ReportViolation) -> None:
    judgement = judge(container, SESSION.scope(), [rule], off_too=True)
    for violation in judgement.violations:
        if SESSION.said_of_image(rule.name, urn, violation.message):
            continue
        SESSION.reported.add((rule.name, urn, violation.message))
        report(f"`{violation.subject}`: {violation.message}; {violation.hint}", urn)
    if judgement.undecided and not SESSION.preview:
        fields = ", ".join(f"`{name}`" for name in sorted(rule.reads & container.unknown))
        report(
            f"`{subject_of(container)}`: cannot be judged, because {fields} is still "
            "unknown; give it a plain value, or an exemption",
            urn,
        )


def _all(rule: Rule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        settled = SESSION.settle(args.resources)
        scope = SESSION.scope(complete=True)
        for urn, container in settled.items():
            for violation in judge(container, scope, [rule], off_too=True).violations:
                if (rule.name, urn, violation.message) not in SESSION.reported:
                    report(f"`{violation.subject}`: {violation.message}; {violation.hint}", urn)

    return validate


def _stack(rule: Rule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        SESSION.settle(args.resources)
        scope = SESSION.scope(complete=True)
        for violation in judge_stack(scope, [rule], off_too=True).violations:
            report(f"`{violation.subject}`: {violation.message}; {violation.hint}", None)

    return validate
