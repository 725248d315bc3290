"""The doctrine's verdict on a stack that Compose describes: kept, broken, or undecidable."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tame_components.compose.containers import facts_of
from tame_components.compose.errors import ComposeInvalid
from tame_components.compose.loading import Project
from tame_components.compose.merging import as_named
from tame_components.compose.nodes import Place
from tame_components.compose.outcomes import Outcome, outcome
from tame_components.compose.services import Read, read_services, unset_in
from tame_components.compose.where import KEYS, entry_of, place_of
from tame_components.compose.worlds import World
from tame_components.domain.container import Container
from tame_components.domain.settings import Exemption
from tame_components.rules import RULES, Level, Rule, Scope, Violation


class Verdict(StrEnum):
    """What can be said of one service and one rule."""

    OK = "ok"
    VIOLATION = "violation"
    UNDECIDABLE = "undecidable"
    """The files do not tell: a variable that nobody set, a file that is not here."""
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a service does not simply keep."""

    rule: Rule
    level: Level
    verdict: Verdict
    service: str
    message: str
    hint: str
    place: Place


@dataclass(frozen=True, slots=True)
class Judged:
    """What the doctrine says of one stack."""

    project: Project
    services: int
    findings: tuple[Finding, ...]
    """In the order of the file."""
    counts: Mapping[Verdict, int]
    """Pairs of service and rule, by verdict."""

    @property
    def broken(self) -> bool:
        """Whether a mandatory rule is broken."""
        return any(
            one.verdict is Verdict.VIOLATION and one.level is Level.MANDATORY
            for one in self.findings
        )


@dataclass(frozen=True, slots=True)
class _Stack:
    """What every finding is about."""

    project: Project
    reads: Mapping[str, Read]
    scope: Scope


def judge_project(project: Project, environment: str | None = None) -> Judged:
    """What every rule says of every service of *project*.

    Args:
        project: the stack.
        environment: whose levels count. Default: what `x-tame` in the file says, else `prod`.

    Raises:
        ComposeInvalid: a service has a shape that Compose refuses.
    """
    reads = read_services(project)
    facts = facts_of(reads)
    unknown = any(one.unset for one in reads)
    worlds = list(World) if unknown else [World.WRITTEN]
    scopes = [_scope(project, reads, facts(world), environment) for world in worlds]
    first = outcome(scopes[0])
    judged = [first, *(outcome(scope, first) for scope in scopes[1:])]
    stack = _Stack(project, {one.name: one for one in reads}, scopes[0])
    findings: list[Finding] = []
    counts: Counter[Verdict] = Counter()
    for pair in _pairs(reads, scopes[0]):
        verdict = _verdict(pair, judged)
        counts[verdict] += 1
        if verdict in {Verdict.VIOLATION, Verdict.UNDECIDABLE}:
            findings += _findings(pair, verdict, judged, stack)
    findings.sort(key=lambda one: (one.place.file, one.place.line))
    return Judged(project, len(reads), tuple(findings), dict(counts))


def _pairs(reads: Iterable[Read], scope: Scope) -> Iterable[tuple[str, str]]:
    active = [r for r in RULES.values() if r.levels.at(scope.environment) is not Level.OFF]
    for one in reads:
        yield from ((one.name, rule.name) for rule in active if rule.check)
    names = {one.name for one in reads}
    for rule in active:
        if rule.check_stack:
            yield "", rule.name
            if not rule.check:
                yield from ((name, rule.name) for name in names)


def _scope(
    project: Project,
    reads: tuple[Read, ...],
    containers: tuple[Container, ...],
    environment: str | None,
) -> Scope:
    model, networks = project.model, project.section("networks")
    return Scope(
        environment=environment or model.said("x-tame", "environment") or "prod",
        data_root=model.said("x-tame", "data_root") or None,
        network_mounts=tuple(one.text for one in model.listed("x-tame", "network_mounts")),
        containers=containers,
        networks={name: one.says_yes("internal") for name, one in networks.items()},
        ipv6_networks=frozenset(n for n, one in networks.items() if one.says_yes("enable_ipv6")),
        follows={one.name: _followed(one) for one in reads},
        complete=not project.notes,
        exemptions=tuple(_exemptions(project)),
        today=dt.datetime.now(tz=dt.UTC).date().isoformat(),
    )


def _followed(read: Read) -> frozenset[str]:
    """What it waits for: Compose counts a shared network namespace as well."""
    wanted = read.node.get("depends_on")
    kind, _, name = read.node.said("network_mode").partition(":")
    named = as_named(wanted).keys if wanted else {}
    return frozenset({*named, *([name] if kind == "service" else [])})


def _exemptions(project: Project) -> Iterator[Exemption]:
    for one in project.model.listed("x-tame", "exemptions"):
        values: dict[str, Any] = {key: part.text for key, part in one.keys.items()}
        try:
            yield Exemption.model_validate(values)
        except ValueError:
            place = f"{one.place.file}:{one.place.line}"
            mistake = f"{place}: an exemption needs `rule`, `service`, `owner`, `reason`, `expires`"
            raise ComposeInvalid(project.file, [mistake]) from None


def _verdict(pair: tuple[str, str], judged: list[Outcome]) -> Verdict:
    broken = [bool(world.violations.get(pair)) for world in judged]
    if all(broken):
        return Verdict.VIOLATION
    if any(broken) or any(pair in world.undecided for world in judged):
        return Verdict.UNDECIDABLE
    return Verdict.EXEMPT if pair in judged[0].exempted else Verdict.OK


def _findings(
    pair: tuple[str, str], verdict: Verdict, judged: list[Outcome], stack: _Stack
) -> Iterable[Finding]:
    service, name = pair
    rule, read = RULES[name], stack.reads.get(service)
    level = rule.levels.at(stack.scope.environment)
    if verdict is Verdict.UNDECIDABLE:
        broken = [v for world in judged for v in world.violations.get(pair, ())]
        place, why = _undecided(read, rule, broken[0] if broken else None)
        yield Finding(
            rule, level, verdict, service, why, rule.instead, place or stack.project.model.place
        )
        return
    first, *others = (world.violations[pair] for world in judged)
    certain = [one for one in first if all(one in other for other in others)]
    for one in certain or first[:1]:
        place = place_of(read, rule, one.message) if read else stack.project.model.place
        yield Finding(rule, level, verdict, service, _shown(one.message), one.hint, place)


def _undecided(read: Read | None, rule: Rule, doubt: Violation | None) -> tuple[Place | None, str]:
    """Where and why *rule* cannot be judged; *doubt* is what may or may not be so."""
    if read is None:
        return None, "something about another service is not known"
    if doubt is not None:
        entry = entry_of(read, rule, doubt.message)
        names = tuple(dict.fromkeys(unset_in(entry))) if entry else ()
        if entry and names:
            return entry.place, f"{_shown(doubt.message)}, or not: {_not_set(names)}"
    blind = [why for name, why in read.blind.items() if name in rule.reads]
    keys = {key for name in rule.reads for key in KEYS.get(name, ())}
    if "image" in keys and "image" in read.unset:
        keys = {"image"}  # a tag decides more than what stands beside it
    unset = [name for key, names in read.unset.items() if key in keys for name in names]
    if unset and not blind:
        blind = [_not_set(tuple(dict.fromkeys(unset)))]
    why = "; ".join(dict.fromkeys(blind)) or "something about another service is not known"
    return place_of(read, rule, ""), why


def _shown(message: str) -> str:
    """A path that begins with a variable has no `/` before it in the file."""
    return message.replace("`/${", "`${")


def _not_set(names: tuple[str, ...]) -> str:
    listed = ", ".join(f"`{name}`" for name in names)
    return f"{listed} {'are' if len(names) > 1 else 'is'} not set"
