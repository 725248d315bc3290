"""Every rule on the cases of the doctrine: two that offend, two that only look like it."""

import pytest

from tame_components.rules import RULES, judge, judge_stack
from tests.rules.cases import CASES, Case


def _name(case: Case) -> str:
    return f"{case.rule}: {case.why}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_an_offender_is_named_and_a_lookalike_is_not(case: Case) -> None:
    """The rule speaks about the one that offends, and about nobody else for this reason."""
    rule, scope = RULES[case.rule], case.surroundings()
    found = [*judge(case.containers[0], scope, [rule]).violations]
    found += judge_stack(scope, [rule]).violations

    assert (case.name in {violation.subject for violation in found}) is case.offends, found


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_has_two_of_each(rule: str) -> None:
    """A rule without a look-alike was never tried on what it must let pass."""
    verdicts = [case.offends for case in CASES if case.rule == rule]

    assert verdicts.count(True) >= 2
    assert verdicts.count(False) >= 2


def test_no_two_containers_share_a_name() -> None:
    """The cases stand beside each other in one program."""
    containers = {id(one): one.name for case in CASES for one in case.containers}

    assert len(set(containers.values())) == len(containers)
