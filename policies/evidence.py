"""A release that the sandbox did not prove, as policies: see `tame_components.domain.evidence`.

The program itself refuses it too, in an update, before anything is made; here a preview says so.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.policy import SESSION


if TYPE_CHECKING:
    from tame_components.domain.topology import Topology


_URL = "docs/reference/rules.md#"


def _unproved(args: StackValidationArgs, report: ReportViolation) -> None:
    """One violation for each reason why the sandbox's evidence does not cover the stack."""
    topology = _demanding()
    if topology is not None and not _broken_glass(topology):
        for name, why in _refusals(topology, args):
            report(f"{name}: {why}", None)


def _glass(args: StackValidationArgs, report: ReportViolation) -> None:
    """Everybody sees who deploys without evidence, for how long, and what it would have said."""
    topology = _demanding()
    if topology is None:
        return
    settings = topology.settings.evidence.break_glass
    if settings is not None and _broken_glass(topology):
        lacking = "; ".join(why for _, why in _refusals(topology, args)) or "nothing is lacking"
        report(
            f"`{settings.owner}` deploys without evidence until {settings.expires}: "
            f"{settings.reason} ({lacking})",
            None,
        )


def _demanding() -> "Topology | None":
    """The stack that runs, if its settings demand evidence."""
    try:
        asked = json.loads(SESSION.settings.get("tame:evidence", "{}"))
    except ValueError:
        return None  # the program's own settings complain
    if not isinstance(asked, dict) or not asked.get("required"):
        return None
    # Only a stack that demands evidence pays for reading its settings and the catalog.
    from tame_components.catalog import catalog, refusals  # noqa: PLC0415 - see above
    from tame_components.domain.compose import compose_topology  # noqa: PLC0415 - same
    from tame_components.domain.errors import TameError  # noqa: PLC0415 - same
    from tame_components.domain.settings_check import check_settings  # noqa: PLC0415 - same

    values = {key.removeprefix("tame:"): _value(text) for key, text in SESSION.settings.items()}
    try:
        settings = check_settings("the settings", SESSION.stack, values)
        return compose_topology(settings, catalog(), refusals())
    except TameError:
        return None  # same


def _refusals(topology: "Topology", args: StackValidationArgs) -> Iterator[tuple[str, str]]:
    from tame_components.domain.evidence import Demand, refusals  # noqa: PLC0415 - see above

    settings = topology.settings.evidence
    containers = SESSION.settle(args.resources).values()
    # What is deployed, not what is asked for: the two differ where somebody changed the program.
    wanted = topology.images | {
        one.service or one.name: one.image for one in containers if "image" not in one.unknown
    }
    demand = Demand(
        public_key=settings.public_key or "",
        max_age_days=settings.max_age_days,
        rehearsal=topology.settings.rehearsal,
        images=wanted,
        config=topology.config,
    )
    for name, why in refusals(SESSION.proof, demand, time.time()):
        yield name.value, why


def _broken_glass(topology: "Topology") -> bool:
    broken = topology.settings.evidence.break_glass
    return broken is not None and broken.holds()


def _value(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found


def _policy(
    name: str,
    description: str,
    validate: Callable[[StackValidationArgs, ReportViolation], None],
    level: EnforcementLevel,
    remedy: str,
) -> Policy:
    return StackValidationPolicy(
        name=name,
        description=description,
        validate=validate,
        enforcement_level=level,
        severity=Severity.CRITICAL,
        remediation_steps=remedy,
        url=_URL + name,
    )


POLICIES: list[Policy] = [
    _policy(
        "unproved-release",
        "The sandbox has not proved what is to run",
        _unproved,
        EnforcementLevel.MANDATORY,
        "Deploy the same release to the sandbox, and run `tame gate --sign` there",
    ),
    _policy(
        "broken-glass",
        "Somebody deploys what the sandbox has not proved",
        _glass,
        EnforcementLevel.ADVISORY,
        "Prove the release, then remove `tame:evidence.break_glass`",
    ),
]
