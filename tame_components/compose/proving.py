"""Whether imported settings can be previewed; what a rule forbids is taken out again."""

import datetime as dt
import re

from tame_components.catalog import catalog
from tame_components.compose.carried import Notes, Settings
from tame_components.domain.compose import compose_topology
from tame_components.domain.errors import DoctrineViolated, TameError
from tame_components.domain.rendering import container_of
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from tame_components.rules import Level, Scope, Violation, judge, judge_stack, scope_of


_ROUNDS = 4


def proved(stack: str, settings: Settings, notes: Notes) -> tuple[Settings, TameError | None]:
    """*settings* without the variables that break a mandatory rule, and what is still wrong."""
    for _ in range(_ROUNDS):
        try:
            topology = topology_of(stack, settings)
        except TameError as error:
            return settings, error
        broken = violations(topology)
        settings, changed = _without_offenders(settings, broken, notes)
        if not changed:
            lines = [f"{one.subject}: {one}" for one in broken]
            return settings, DoctrineViolated("the stack", lines) if broken else None
    return settings, None


def topology_of(stack: str, settings: Settings) -> Topology:
    """The stack that *settings* describe.

    Raises:
        TameError: they contradict themselves or the catalog.
    """
    return compose_topology(check_settings(f"Pulumi.{stack}.yaml", stack, settings), catalog())


def violations(topology: Topology) -> list[Violation]:
    """The mandatory rules that *topology* breaks."""
    scope = _scope(topology)
    judged = [judge(container, scope) for container in scope.containers]
    return [
        violation for one in [*judged, judge_stack(scope)] for violation in one.at(Level.MANDATORY)
    ]


def _scope(topology: Topology) -> Scope:
    containers = [container_of(topology, service) for service in topology.services]
    return scope_of(topology, containers, today=dt.datetime.now(tz=dt.UTC).date().isoformat())


def _without_offenders(
    settings: Settings, broken: list[Violation], notes: Notes
) -> tuple[Settings, bool]:
    services = {name: dict(one) for name, one in settings["services"].items()}
    changed = False
    for violation in broken:
        own = services.get(violation.subject, {})
        environment: dict[str, str] = dict(own.get("environment", {}))
        for variable in set(re.findall(r"`([^`]+)`", violation.message)) & set(environment):
            del environment[variable]
            own["environment"] = environment
            notes.lose(violation.subject, variable, f"it breaks `{violation.rule}`")
            changed = True
        if "environment" in own and not own["environment"]:
            del own["environment"]
    return {**settings, "services": services}, changed
