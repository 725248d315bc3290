"""Every check of the gate, in the order in which they run; a new one is one file and one line."""

from tame_components.ops.gate import (
    databases,
    exposure,
    hardlinks,
    health,
    probing,
    readiness,
    running,
    tunnel,
    versions,
)
from tame_components.ops.gate.model import Check


CHECKS: tuple[Check, ...] = (
    *running.CHECKS,
    health.CHECK,
    *versions.CHECKS,
    databases.CHECK,
    hardlinks.CHECK,
    tunnel.CHECK,
    exposure.CHECK,
    probing.CHECK,
    *readiness.CHECKS,
)
"""The checklist comes last: some of its rows are decided by the checks before it."""
