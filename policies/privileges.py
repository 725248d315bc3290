"""Rights on the host, as policies: see `tame_components.rules.privileges`."""

from pulumi_policy import Policy, Severity

from policies.policy import policies_of
from tame_components.rules.levels import ALWAYS
from tame_components.rules.privileges import RULES


POLICIES: list[Policy] = [
    policy
    for rule in RULES
    for policy in policies_of(rule, Severity.CRITICAL if rule.levels == ALWAYS else Severity.LOW)
]
