"""What the rules say of all containers in one world, asked once where two worlds agree."""

from collections.abc import Mapping
from dataclasses import dataclass

from tame_components.domain.container import Container
from tame_components.rules import RULES, Rule, Scope, Violation, judge, judge_stack


Pair = tuple[str, str]
"""A service and a rule, by name; no service: the stack."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way to fill in what is not known, and what the rules say then."""

    scope: Scope
    violations: Mapping[Pair, tuple[Violation, ...]]
    undecided: frozenset[Pair]
    exempted: frozenset[Pair]


def outcome(scope: Scope, before: Outcome | None = None) -> Outcome:
    """What every rule says of every container of *scope*.

    Args:
        scope: the stack in one world.
        before: the same stack in another; its answers count where nothing that a rule reads
            differs.
    """
    violations: dict[Pair, list[Violation]] = {}
    undecided: set[Pair] = set()
    exempted: set[Pair] = set()
    known = {one.name: one for one in before.scope.containers} if before else {}
    for container in scope.containers:
        anew = _to_ask(container, known.get(container.name))
        said = judge(container, scope, anew)
        for violation in said.violations:
            violations.setdefault((container.name, violation.rule), []).append(violation)
        undecided |= {(container.name, rule) for rule in said.undecided}
        exempted |= {(container.name, rule) for rule in said.exempted}
        if before:
            asked = {rule.name for rule in anew}
            old = {
                (container.name, rule.name)
                for rule in RULES.values()
                if rule.check and not rule.check_stack and rule.name not in asked
            }
            violations |= {pair: list(v) for pair, v in before.violations.items() if pair in old}
            undecided |= before.undecided & old
            exempted |= before.exempted & old
    _add_stack(scope, violations, undecided)
    return Outcome(
        scope,
        {k: tuple(v) for k, v in violations.items()},
        frozenset(undecided),
        frozenset(exempted),
    )


def _to_ask(container: Container, before: Container | None) -> list[Rule]:
    """The rules whose answer may differ from the one they gave about *before*."""
    if before is None:
        return list(RULES.values())
    differing = {
        name for name in Container.model_fields if getattr(container, name) != getattr(before, name)
    }
    return [
        rule
        for rule in RULES.values()
        if rule.whole_stack or rule.check_stack or rule.reads & differing
    ]


def _add_stack(scope: Scope, violations: dict[Pair, list[Violation]], undecided: set[Pair]) -> None:
    """What the sum of the containers offends; it is never carried over."""
    whole = judge_stack(scope)
    names = {container.service or container.name: container.name for container in scope.containers}
    for violation in whole.violations:
        subject = names.get(violation.subject, "")
        violations.setdefault((subject, violation.rule), []).append(violation)
    undecided |= {("", rule) for rule in whole.undecided}
