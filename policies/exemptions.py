"""Exemptions that ran out, as a policy: see `tame_components.rules.exemptions`."""

from pulumi_policy import Policy, Severity

from policies.policy import policies_of
from tame_components.rules import BROKEN_EXEMPTION


POLICIES: list[Policy] = list(policies_of(BROKEN_EXEMPTION, Severity.HIGH))
