"""What applications keep, as policies: see `tame_components.rules.state`."""

from pulumi_policy import Policy, Severity

from policies.policy import policies_of
from tame_components.rules.state import RULES


POLICIES: list[Policy] = [policy for rule in RULES for policy in policies_of(rule, Severity.HIGH)]
