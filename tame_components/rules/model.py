"""What a rule is, what it sees beside a container, and what comes out of judging.

Nothing here runs pydantic at import: the policy pack starts in every preview, and pays for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from typing_extensions import override


if TYPE_CHECKING:
    from tame_components.domain.container import Container
    from tame_components.domain.settings import Exemption


class Level(StrEnum):
    """What a violation does."""

    MANDATORY = "mandatory"
    """It stops the deployment."""
    ADVISORY = "advisory"
    """It is reported."""
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Levels:
    """How strict a rule is in each environment."""

    dev: Level
    sandbox: Level
    prod: Level

    def at(self, environment: str) -> Level:
        """The level in *environment*; an environment that nobody knows is treated as prod."""
        return {"dev": self.dev, "sandbox": self.sandbox}.get(environment, self.prod)


ALWAYS = Levels(Level.MANDATORY, Level.MANDATORY, Level.MANDATORY)
IN_PROD = Levels(Level.ADVISORY, Level.ADVISORY, Level.MANDATORY)
ADVICE = Levels(Level.ADVISORY, Level.ADVISORY, Level.ADVISORY)


@dataclass(frozen=True, slots=True)
class Violation:
    """One offence of one container."""

    rule: str
    """The rule's name."""
    subject: str
    """The service, or the container where there is no service."""
    message: str
    """What is wrong. Names variables, never their values."""
    hint: str
    """What to do instead."""
    level: Level = Level.MANDATORY

    @override
    def __str__(self) -> str:
        return f"{self.rule}: {self.message}; {self.hint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a rule may see beside the container it judges."""

    environment: str = "prod"
    """`dev`, `sandbox` or `prod`; decides the levels. Default: the strictest."""
    rehearsal: bool = False
    """Whether the stack runs stand-ins. No rule is softer for it."""
    data_root: str | None = None
    """The host's side of `/data`. None: not known; then the importers must agree on one."""
    network_mounts: tuple[str, ...] = ()
    """Directories of the host that are network file systems."""
    containers: "tuple[Container, ...]" = ()
    """All containers of the stack, or those that are known so far: see *complete*."""
    networks: Mapping[str, bool] | None = None
    """Network -> whether it is internal. None: nothing is known about networks."""
    complete: bool = False
    """Whether *containers* and *networks* are all there is, so that absence is a fact."""
    exemptions: "tuple[Exemption, ...]" = ()
    today: str = "9999-12-31"
    """ISO date by which exemptions expire. The default lets every exemption expire."""


Finding = tuple[str, str]
"""The message and the hint of a violation."""

Check = Callable[["Container", Scope], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One sentence of the doctrine, as a pure function from facts to offences."""

    id: str
    """Its number in the doctrine, e.g. `R01`; stable."""
    name: str
    """The offence, e.g. `floating-image-tag`: an exemption reads 'allow ...'."""
    summary: str
    """What the offender does, one sentence without a full stop."""
    why: str
    """What goes wrong otherwise."""
    example: str
    """What the rule finds, as Docker Compose would write it."""
    instead: str
    """What to write."""
    levels: Levels = ALWAYS
    reads: frozenset[str]
    """Fields of `Container` that the check reads; it cannot judge while one is unknown."""
    adds: frozenset[str] = frozenset()
    """Fields whose unknown part can only add offences: the known part is judged all the same."""
    whole_stack: bool = False
    """Whether the check also needs the other containers, so that it runs again over all."""
    check: Check


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say about one container."""

    violations: tuple[Violation, ...] = ()
    undecided: tuple[str, ...] = ()
    """Names of rules that could not judge, because a field they read is unknown."""
    exempted: tuple[str, ...] = ()
    """Names of rules that are broken with permission."""

    def at(self, *levels: Level) -> tuple[Violation, ...]:
        """The violations of these *levels*."""
        return tuple(violation for violation in self.violations if violation.level in levels)


@dataclass(slots=True)
class _Findings:
    violations: list[Violation] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    exempted: list[str] = field(default_factory=list)


def subject_of(container: "Container") -> str:
    """What a person calls *container*."""
    return container.service or container.name or container.image


def judge(container: "Container", scope: Scope, rules: Iterable[Rule]) -> Judgement:
    """What *rules* say about *container*."""
    found, subject = _Findings(), subject_of(container)
    for rule in rules:
        level = rule.levels.at(scope.environment)
        if level is Level.OFF:
            continue
        blind = rule.reads & container.unknown
        findings = list(rule.check(container, scope)) if blind <= rule.adds else []
        if not findings:
            if blind:
                found.undecided.append(rule.name)
            continue
        allowed, late = _exemption(rule, container, scope)
        if allowed:
            found.exempted.append(rule.name)
            continue
        found.violations.extend(
            Violation(rule.name, subject, message, hint + late, level) for message, hint in findings
        )
    return Judgement(tuple(found.violations), tuple(found.undecided), tuple(found.exempted))


def _exemption(rule: Rule, container: "Container", scope: Scope) -> tuple[bool, str]:
    """Whether the offence is allowed today; else what to say about an exemption that ran out."""
    who = container.service or container.name
    mine = [one for one in scope.exemptions if one.rule == rule.name and one.service == who]
    if any(one.expires >= scope.today for one in mine):
        return True, ""
    if mine:
        last = max(mine, key=lambda one: one.expires)
        return False, f" (the exemption of `{last.owner}` expired on {last.expires})"
    return False, ""
