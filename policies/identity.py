"""Users, groups and masks, as policies: see `tame_components.rules.identity`."""

from pulumi_policy import Policy, Severity

from policies.policy import policies_of
from tame_components.rules.identity import RULES


POLICIES: list[Policy] = [policy for rule in RULES for policy in policies_of(rule, Severity.MEDIUM)]
