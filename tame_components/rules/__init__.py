"""The doctrine: pure functions from facts to violations, without Pulumi, I/O or a clock.

`enforce_stack` is what a component's constructor calls; `judge` is what the policy pack and the
command line call. All see the same rules.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tame_components.rules import (
    exposure,
    images,
    paths,
    privileges,
    secrets,
    sockets,
    vpn,
)
from tame_components.rules.model import (
    Judgement,
    Level,
    Levels,
    Rule,
    Scope,
    Violation,
    subject_of,
)
from tame_components.rules.model import judge as _judge


if TYPE_CHECKING:
    from tame_components.domain.container import Container
    from tame_components.domain.topology import Topology


__all__ = [
    "RULES",
    "Judgement",
    "Level",
    "Levels",
    "Rule",
    "Scope",
    "Violation",
    "enforce",
    "enforce_stack",
    "judge",
    "scope_of",
    "subject_of",
]

RULES: dict[str, Rule] = {
    rule.name: rule
    for family in (images, paths, sockets, exposure, vpn, secrets, privileges)
    for rule in family.RULES
}
"""Every rule by name, in the order of the doctrine's families."""


def judge(container: "Container", scope: Scope, rules: Iterable[Rule] | None = None) -> Judgement:
    """What *rules* (default: all) say about *container*."""
    return _judge(container, scope, RULES.values() if rules is None else rules)


def enforce(container: "Container", scope: Scope) -> None:
    """Refuse *container* where it breaks a rule that is mandatory in the scope's environment.

    What cannot be judged yet is left to the policy pack, which sees it again with known values.

    Raises:
        DoctrineViolated: every mandatory violation at once.
    """
    broken = judge(container, scope).at(Level.MANDATORY)
    if broken:
        from tame_components.domain.errors import DoctrineViolated  # noqa: PLC0415 - rarely needed

        raise DoctrineViolated(subject_of(container), [str(violation) for violation in broken])


def enforce_stack(scope: Scope) -> None:
    """Refuse a whole stack at once where any of its containers breaks a mandatory rule.

    Raises:
        DoctrineViolated: every mandatory violation of every container.
    """
    broken = [
        f"{subject_of(container)}: {violation}"
        for container in scope.containers
        for violation in judge(container, scope).at(Level.MANDATORY)
    ]
    if broken:
        from tame_components.domain.errors import DoctrineViolated  # noqa: PLC0415 - rarely needed

        raise DoctrineViolated("the stack", broken)


def scope_of(topology: "Topology", containers: Sequence["Container"], *, today: str) -> Scope:
    """What rules see beside one of *containers*, the containers of the whole *topology*.

    Args:
        topology: the stack.
        containers: one for each of its services (`domain.rendering.container_of`).
        today: ISO date, by which exemptions expire.
    """
    settings = topology.settings
    return Scope(
        environment=settings.environment.value,
        rehearsal=settings.rehearsal,
        data_root=topology.data.root,
        network_mounts=topology.data.network_mounts,
        containers=tuple(containers),
        networks={network.name: network.internal for network in topology.networks},
        complete=True,
        exemptions=settings.exemptions,
        today=today,
    )
