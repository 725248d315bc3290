"""Why things are as they are: services, error codes and rules, from what the code says itself."""

import difflib
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import tame_components
from tame_components.domain.base import Frozen
from tame_components.domain.errors import Mistake, TameError
from tame_components.domain.topology import Topology
from tame_components.ops.errors import NothingToExplain
from tame_components.ops.reasons import Reason, reasons
from tame_components.rules import RULES
from tame_components.rules.model import Rule


class Page(Frozen):
    """What `tame explain` answers."""

    topic: str
    kind: str
    """`service`, `error` or `rule`."""
    summary: str
    reasons: tuple[Reason, ...]


def explain(topic: str, topology: Topology | None) -> Page:
    """The page about *topic*.

    Args:
        topic: a service of *topology*, an error code or class, or a rule's name or number.
        topology: the stack; None where there is no project, so that no service is known.

    Raises:
        NothingToExplain: it is none of these.
    """
    services = {one.name: one for one in topology.services} if topology else {}
    codes = {key: error for error in all_errors() for key in (error.code, error.__name__)}
    rules = {key: rule for rule in RULES.values() for key in (rule.name, rule.id)}
    if topology and topic in services:
        app = services[topic].app
        return Page(
            topic=topic,
            kind="service",
            summary=f"{app.title}: {app.summary}",
            reasons=tuple(reasons(topology, services[topic])),
        )
    if topic.upper() in codes or topic in codes:
        return error_page(codes.get(topic.upper()) or codes[topic])
    if topic in rules or topic.upper() in rules:
        return _rule_page(rules.get(topic) or rules[topic.upper()])
    known = [*services, *codes, *rules]
    raise NothingToExplain(topic, difflib.get_close_matches(topic, known, 2))


def all_errors() -> tuple[type[TameError], ...]:
    """Every error with a code, in order; they are in modules whose names end in `errors`."""
    package = Path(tame_components.__file__).parent
    for file in package.rglob("*errors.py"):
        parts = file.relative_to(package).with_suffix("").parts
        importlib.import_module(".".join((tame_components.__name__, *parts)))

    def below(parent: type[TameError]) -> Iterator[type[TameError]]:
        for child in parent.__subclasses__():
            if "code" in vars(child):
                yield child
            yield from below(child)

    return tuple(sorted(set(below(TameError)), key=lambda error: error.code))


def error_page(error: type[TameError]) -> Page:
    """What *error* says and advises, with its arguments' names where values would stand."""
    values: dict[str, Any] = {name: _placeholder(name, kind) for name, kind in _arguments(error)}
    example = error(**values)
    family = error.__mro__[1]
    return Page(
        topic=f"{error.code} {error.__name__}",
        kind="error",
        summary=_first_line(error),
        reasons=(
            Reason(setting="says", value=example.what, why=""),
            Reason(setting="advises", value=example.hint, why=""),
            Reason(setting="family", value=family.__name__, why=_first_line(family)),
        ),
    )


def _arguments(error: type[TameError]) -> Iterator[tuple[str, object]]:
    kinds = get_type_hints(error.__init__)
    for name in inspect.signature(error.__init__).parameters:
        if name != "self":
            yield name, kinds.get(name, str)


def _placeholder(name: str, kind: object) -> object:
    text = str(kind)
    if "Mistake" in text:
        return [Mistake(key="<key>", got="<value>", allowed="<what may stand there>")]
    if "Mapping" in text:
        return {f"<{name.removesuffix('s')}>": "<why>"}
    if "Sequence" in text or "Iterable" in text or "tuple" in text or "list" in text:
        return [f"<{name.removesuffix('s')}>"]
    return f"<{name.replace('_', ' ')}>"


def _first_line(subject: type) -> str:
    return (inspect.getdoc(subject) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")


def _rule_page(rule: Rule) -> Page:
    levels = f"dev {rule.levels.dev}, sandbox {rule.levels.sandbox}, prod {rule.levels.prod}"
    return Page(
        topic=f"{rule.id} {rule.name}",
        kind="rule",
        summary=f"{rule.summary}. {rule.why}",
        reasons=(
            Reason(setting="finds", value=rule.example, why=""),
            Reason(setting="instead", value=rule.instead, why=""),
            Reason(setting="levels", value=levels, why="mandatory stops a deployment"),
            _exemption(rule),
        ),
    )


def _exemption(rule: Rule) -> Reason:
    """Whether a stack may allow the offence for a while, and how."""
    if not rule.exemptable:
        return Reason(
            setting="exempt",
            value="never",
            why="this rule has none: an entry of `tame:exemptions` for it is refused [TAME201]",
        )
    return Reason(
        setting="exempt",
        value="`tame:exemptions` with rule, service, owner, reason and expiry date",
        why="for a while, and with a name on it",
    )
