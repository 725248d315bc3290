"""One alert rule, as Prometheus reads it.

Form: https://prometheus.io/docs/prometheus/3.14/configuration/alerting_rules.
"""

from collections.abc import Mapping
from typing import Any, Literal


WATCHDOG = "Watchdog"
"""The alert that always fires: where it is no longer heard, nobody watches."""

Severity = Literal["none", "warning", "critical"]
"""`none`: for programs alone."""


def rule(
    name: str,
    expression: str,
    lasting: str,
    *,
    severity: Severity,
    summary: str,
    description: str,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """An alert that fires when *expression* has had an answer for *lasting*, e.g. `5m`."""
    return {
        "alert": name,
        "expr": expression,
        "for": lasting,
        "labels": {"severity": severity, **(labels or {})},
        "annotations": {"summary": summary, "description": description},
    }
