"""The doctrine: pure functions from facts to violations, without Pulumi, I/O or a clock.

`enforce_stack` is what a component's constructor calls; `judge` is what the policy pack and the
command line call. All see the same rules.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tame_components.rules import (
    addresses,
    compatibility,
    exposure,
    health,
    identity,
    images,
    limits,
    paths,
    privileges,
    secrets,
    sockets,
    state,
    storage,
    tunnel,
    vpn,
    watching,
)
from tame_components.rules.exemptions import refuse_wrong, rule_about
from tame_components.rules.levels import LEVELS, Level, Levels
from tame_components.rules.model import (
    Backup,
    Judgement,
    Rule,
    Scope,
    Violation,
    subject_of,
)
from tame_components.rules.model import judge as _judge
from tame_components.rules.model import judge_stack as _judge_stack


if TYPE_CHECKING:
    from tame_components.domain.container import Container
    from tame_components.domain.topology import Topology


__all__ = [
    "BROKEN_EXEMPTION",
    "LEVELS",
    "RULES",
    "Backup",
    "Judgement",
    "Level",
    "Levels",
    "Rule",
    "Scope",
    "Violation",
    "enforce",
    "enforce_stack",
    "exempted",
    "judge",
    "judge_stack",
    "scope_of",
    "subject_of",
]

_FAMILIES = (
    *(images, paths, storage, state, sockets, exposure, vpn, tunnel, addresses, secrets),
    *(identity, privileges, health, limits, watching, compatibility),
)

RULES: dict[str, Rule] = {rule.name: rule for family in _FAMILIES for rule in family.RULES}
"""Every rule by name, in the order of the doctrine's families."""

BROKEN_EXEMPTION = rule_about(RULES)
"""The last one: it has to know the others."""
RULES[BROKEN_EXEMPTION.name] = BROKEN_EXEMPTION


def judge(
    container: "Container",
    scope: Scope,
    rules: Iterable[Rule] | None = None,
    *,
    off_too: bool = False,
) -> Judgement:
    """What *rules* (default: all) say about *container*; see `model.judge`."""
    return _judge(container, scope, RULES.values() if rules is None else rules, off_too=off_too)


def judge_stack(
    scope: Scope, rules: Iterable[Rule] | None = None, *, off_too: bool = False
) -> Judgement:
    """What *rules* (default: all) say about the stack of *scope* as a whole."""
    return _judge_stack(scope, RULES.values() if rules is None else rules, off_too=off_too)


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
    """Refuse a whole stack at once where it, or any of its containers, breaks a mandatory rule.

    Raises:
        DoctrineViolated: every mandatory violation of every container, and of their sum.
    """
    judgements = [*(judge(one, scope) for one in scope.containers), judge_stack(scope)]
    broken = [
        f"{violation.subject}: {violation}"
        for judgement in judgements
        for violation in judgement.at(Level.MANDATORY)
    ]
    if broken:
        from tame_components.domain.errors import DoctrineViolated  # noqa: PLC0415 - rarely needed

        raise DoctrineViolated("the stack", broken)


def exempted(scope: Scope) -> tuple[str, ...]:
    """Each offence that an exemption allows today: which, of whom, who asked, until when, why."""
    if not scope.exemptions:
        return ()
    judged = ((subject_of(one), judge(one, scope)) for one in scope.containers)
    used = {(rule, who) for who, judgement in judged for rule in judgement.exempted}
    for name in judge_stack(scope).exempted:
        check = RULES[name].check_stack
        used |= {(name, who) for who, _, _ in check(scope)} if check else set()
    return tuple(
        f"`{one.rule}` of `{one.service}`, asked for by `{one.owner}` until {one.expires}: "
        f"{one.reason}"
        for one in scope.exemptions
        if one.expires >= scope.today and (one.rule, one.service) in used
    )


def scope_of(topology: "Topology", containers: Sequence["Container"], *, today: str) -> Scope:
    """What rules see beside one of *containers*, the containers of the whole *topology*.

    Args:
        topology: the stack.
        containers: one for each of its services (`domain.rendering.container_of`).
        today: ISO date, by which exemptions expire.

    Raises:
        SettingsInvalid: an exemption names a rule or a service that does not exist.
    """
    settings = topology.settings
    refuse_wrong(settings, RULES)
    return Scope(
        environment=settings.environment.value,
        rehearsal=settings.rehearsal,
        data_root=topology.data.root,
        machine_addresses=frozenset(
            address
            for address in (
                settings.exposure.machines_address,
                *(host.address for host in settings.hosts.values()),
            )
            if address
        ),
        other_data_roots=tuple(
            sorted({host.data_root for host in settings.hosts.values() if host.data_root})
        ),
        network_mounts=topology.data.network_mounts,
        containers=tuple(containers),
        networks={network.name: network.internal for network in topology.networks},
        backups=_backups(topology),
        complete=True,
        exemptions=settings.exemptions,
        today=today,
    )


def _backups(topology: "Topology") -> dict[str, Backup]:
    """How each service is backed up; those are absent of which the settings' job says nothing.

    Whichever tool runs the job, the plan stops a service or asks SQLite: `domain.backup`.
    """
    found = {}
    for service in topology.services:
        if not service.app.keeps:
            found[service.name] = Backup.NOT_NEEDED
        elif service.backed_up and topology.settings.backup is not None:
            found[service.name] = Backup.STOPPED
    return found
