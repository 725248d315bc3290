"""What a rule is, what it sees beside a container, and what comes out of judging.

Nothing here runs pydantic at import: the policy pack starts in every preview, and pays for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import override

from tame_components.rules.levels import LEVELS, Level, Levels


if TYPE_CHECKING:
    from tame_components.domain.container import Container
    from tame_components.domain.settings import Exemption


T = TypeVar("T")


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


class Backup(StrEnum):
    """How a service's state is copied."""

    STOPPED = "stopped"
    """While the service stands still, or through SQLite's own API."""
    LIVE = "live"
    """File by file while the service writes: what is copied may not open again (measured)."""
    NOT_NEEDED = "not-needed"
    """It keeps nothing that would be missed."""


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
    machine_addresses: frozenset[str] = frozenset()
    """Addresses at which the stack's machines reach each other, and nobody else does."""
    other_data_roots: tuple[str, ...] = ()
    """The same tree, as the stack's other hosts see it."""
    containers: "tuple[Container, ...]" = ()
    """All containers of the stack, or those that are known so far: see *complete*."""
    networks: Mapping[str, bool] | None = None
    """Network -> whether it is internal. None: nothing is known about networks."""
    ipv6_networks: frozenset[str] = frozenset()
    """Networks that give their members IPv6 addresses too."""
    follows: "Mapping[str, frozenset[str]] | None" = None
    """Container -> the containers that it waits for and is replaced with. None: nobody knows."""
    backups: Mapping[str, Backup] | None = None
    """What is kept of each service. None: only the containers themselves tell."""
    complete: bool = False
    """Whether *containers* and *networks* are all there is, so that absence is a fact."""
    exemptions: "tuple[Exemption, ...]" = ()
    unreadable_exemptions: tuple[str, ...] = ()
    """What is wrong with entries that are no exemptions; they allow nothing."""
    today: str = "9999-12-31"
    """ISO date by which exemptions expire. The default lets every exemption expire."""
    _known: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, name: str, work: "Callable[[Scope], T]") -> T:
        """What *work* finds over all containers: looked for once, not for each container again.

        Args:
            name: of what is found; its own for each *work*.
            work: a function of this scope alone.
        """
        if name not in self._known:
            self._known[name] = work(self)
        found: T = self._known[name]
        return found


Finding = tuple[str, str]
"""The message and the hint of a violation."""

StackFinding = tuple[str, str, str]
"""Who offends, the message and the hint of a violation."""

Check = Callable[["Container", Scope], Iterator[Finding]]
StackCheck = Callable[[Scope], Iterator[StackFinding]]


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
    exemptable: bool = True
    """Whether a stack may allow the offence for a while."""
    reads: frozenset[str]
    """Fields of `Container` that the check reads; it cannot judge while one is unknown."""
    adds: frozenset[str] = frozenset()
    """Fields whose unknown part can only add offences: the known part is judged all the same."""
    whole_stack: bool = False
    """Whether the check also needs the other containers, so that it runs again over all."""
    check: Check | None = None
    """Judges one container. None: the rule judges stacks alone."""
    check_stack: StackCheck | None = None
    """Judges all containers at once, where it is their sum that offends."""

    @property
    def levels(self) -> Levels:
        """How strict it is, from the one table."""
        return LEVELS[self.id]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say about one container, or about a stack as a whole."""

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

    def add(self, rule: Rule, found: StackFinding, scope: Scope) -> None:
        """Record what *rule* found, unless it is allowed today."""
        subject, message, hint = found
        allowed, late = _exemption(rule, subject, scope)
        if not allowed:
            level = rule.levels.at(scope.environment)
            self.violations.append(Violation(rule.name, subject, message, hint + late, level))
        elif rule.name not in self.exempted:
            self.exempted.append(rule.name)

    def done(self) -> Judgement:
        """The same, for good."""
        return Judgement(tuple(self.violations), tuple(self.undecided), tuple(self.exempted))


def subject_of(container: "Container") -> str:
    """What a person calls *container*."""
    return container.service or container.name or container.image


def judge(
    container: "Container", scope: Scope, rules: Iterable[Rule], *, off_too: bool = False
) -> Judgement:
    """What *rules* say about *container*.

    Args:
        container: who is judged.
        scope: what else is known.
        rules: which ask.
        off_too: whether rules speak that are off in the environment: the caller has own levels.
    """
    found, subject = _Findings(), subject_of(container)
    for rule in rules:
        off = rule.levels.at(scope.environment) is Level.OFF and not off_too
        if rule.check is None or off:
            continue
        blind = rule.reads & container.unknown
        findings = list(rule.check(container, scope)) if blind <= rule.adds else []
        if blind and not findings:
            found.undecided.append(rule.name)
        for message, hint in findings:
            found.add(rule, (subject, message, hint), scope)
    return found.done()


def judge_stack(scope: Scope, rules: Iterable[Rule], *, off_too: bool = False) -> Judgement:
    """What *rules* say about the stack as a whole; nothing before all of it is known."""
    found = _Findings()
    for rule in rules:
        off = rule.levels.at(scope.environment) is Level.OFF and not off_too
        if rule.check_stack is None or off or not scope.complete:
            continue
        if any(rule.reads & container.unknown for container in scope.containers):
            found.undecided.append(rule.name)
            continue
        for finding in rule.check_stack(scope):
            found.add(rule, finding, scope)
    return found.done()


def _exemption(rule: Rule, subject: str, scope: Scope) -> tuple[bool, str]:
    """Whether the offence is allowed today; else what to say about an exemption that ran out."""
    if not rule.exemptable:
        return False, ""
    mine = [one for one in scope.exemptions if one.rule == rule.name and one.service == subject]
    if any(one.expires >= scope.today for one in mine):
        return True, ""
    if mine:
        last = max(mine, key=lambda one: one.expires)
        return False, f" (the exemption of `{last.owner}` expired on {last.expires})"
    return False, ""
