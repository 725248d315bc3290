"""For each rule two stacks that offend and two that only look like it, as plain facts.

The same cases are judged as pure functions (tests/rules/test_cases.py) and, rendered into a Pulumi
program, by the pack under the real CLI (tests/policies/test_doctrine.py).
"""

from tests.rules.cases import (
    apps,
    images,
    networks,
    paths,
    rights,
    stacks,
    tunnels,
    versions,
)
from tests.rules.cases.model import Case


__all__ = ["CASES", "Case"]

CASES: tuple[Case, ...] = tuple(
    case
    for family in (images, paths, apps, networks, tunnels, rights, stacks, versions)
    for case in family.CASES
)
