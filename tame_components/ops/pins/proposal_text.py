"""A newer release, as a person reads it who does not know Pulumi: the text of a pull request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tame_components.domain.compatibility import Incompatibility, Running, incompatible, version_of
from tame_components.domain.settings import Environment
from tame_components.domain.topology import Topology
from tame_components.ops.pins.moving import Move
from tame_components.rules.compatibility import known_facts


_NO = "To close this without a merge means no: this release is not proposed again, the next one is."


@dataclass(frozen=True, slots=True)
class Told:
    """What of the surroundings belongs into the text."""

    stacks: tuple[Topology, ...]
    """Every stack that was asked for, whether it moves or not."""
    replaced: tuple[str, ...] = ()
    """Open pull requests of older releases of the same application."""


def body(title: str, moving: Sequence[Move], told: Told) -> str:
    """The text of the pull request, in Markdown."""
    parts = [
        f"## {title}",
        "",
        "| stack | service | has now | moves to |",
        "| --- | --- | --- | --- |",
        *(_row(move) for move in moving),
        "",
        *dict.fromkeys(line for move in moving for line in _release(move)),
        "",
    ]
    if warnings := [*dict.fromkeys(_warnings(moving, told.stacks))]:
        parts += ["### Before you merge", "", *(f"- {one}" for one in warnings), ""]
    if told.replaced:
        called = ", ".join(told.replaced)
        parts += [f"This takes the place of {called}, which can be closed.", ""]
    course = [f"{number}. {one}" for number, one in enumerate(_course(moving, told.stacks), 1)]
    parts += ["### After the merge", "", *course, "", _NO]
    return "\n".join(parts) + "\n"


def _row(move: Move) -> str:
    services = ", ".join(move.pin.services)
    return f"| {move.stack} | {services} | `{move.pin.image.tag}` | `{move.target.tag}` |"


def _release(move: Move) -> Iterator[str]:
    built = f", built on {move.pin.created[:10]}" if move.pin.created else ""
    yield f"- image: `{move.target.repository}`{built}, `{move.target.digest}`"
    link = move.pin.changelog or "no page with release notes is known"
    yield f"- what it brings: {link}"


def _warnings(moving: Sequence[Move], stacks: Sequence[Topology]) -> Iterator[str]:
    for move in moving:
        if move.pin.note:
            yield f"`{move.target.tag}` of {move.pin.app} is {move.pin.note}."
    for topology in stacks:
        after = _after(topology, moving)
        yield from _staying(topology, moving, after)
        for found in _incompatible(topology, moving, after):
            yield (
                f"{found.service} in {topology.stack}: {found.message}."
                f" Instead: {found.fact.instead}. ({found.fact.source})"
            )
    yield from _unproved(moving, stacks)


def _after(topology: Topology, moving: Iterable[Move]) -> dict[str, str]:
    """The tag of each service of *topology* after the merge."""
    now = {service.name: service.image.tag or "" for service in topology.services}
    return now | _moved(topology, moving)


def _moved(topology: Topology, moving: Iterable[Move]) -> dict[str, str]:
    return {
        name: move.target.tag or ""
        for move in moving
        if move.topology is topology
        for name in move.pin.services
    }


def _staying(topology: Topology, moving: Iterable[Move], after: Mapping[str, str]) -> Iterator[str]:
    """Services of the same applications that the settings hold."""
    targets = {move.pin.app: move.target.tag for move in moving}
    asked = topology.settings.services
    for service in topology.services:
        target = targets.get(service.app.name)
        held = service.name in asked and asked[service.name].image
        if target and held and after[service.name] != target:
            tag = after[service.name]
            yield f"{service.name} in {topology.stack} stays at `{tag}`: its settings name it."


def _incompatible(
    topology: Topology, moving: Iterable[Move], after: Mapping[str, str]
) -> Iterator[Incompatibility]:
    """What is known of the versions that *topology* has then, as far as one of *moving* counts."""
    running = [
        Running(service.name, frozenset({service.app.name}), version)
        for service in topology.services
        if (version := version_of(after[service.name]))
    ]
    part = _moved(topology, moving).keys()
    for found in incompatible(running, known_facts()):
        if part & {found.service, found.other}:
            yield found


def _unproved(moving: Sequence[Move], stacks: Sequence[Topology]) -> Iterator[str]:
    """Services of production that no stack before it runs in the same release then."""
    first = [one for one in stacks if not _is_prod(one)]
    proved = {item for one in first for item in _after(one, moving).items()}
    where = " or ".join(one.stack for one in first) or "no other stack of this change"
    for topology in filter(_is_prod, stacks):
        for name, tag in _moved(topology, moving).items():
            if (name, tag) not in proved:
                strict = topology.settings.evidence.required
                then = (
                    "refuses it until it is proved there" if strict else "gets it without a proof"
                )
                yield (
                    f"**{name} in {topology.stack} is not proved first**: {where} does not run"
                    f" this release of it, so {topology.stack} {then}."
                )


def _course(moving: Sequence[Move], stacks: Sequence[Topology]) -> Iterator[str]:
    """What happens, in order."""
    movers = [one for one in stacks if _moved(one, moving)]
    for topology in movers:
        if not _is_prod(topology):
            yield (
                f"{topology.stack} gets it and has to prove it: services, databases, files and"
                " network are examined. If something is not well, the way ends here."
            )
    prods = [one.stack for one in movers if _is_prod(one)]
    for stack in prods:
        yield f"A person approves the environment `production`. Until then {stack} stays as it is."
        yield (
            f"{stack} gets the same image. Each service in the table stands still while a"
            " snapshot of its data is made and the new release starts."
        )
        yield (
            f"If {stack} is not well with it, the old release and its databases come back by"
            " themselves, and this release stays out until the pin is changed."
        )
    if not prods:
        yield "Production does not change."


def _is_prod(topology: Topology) -> bool:
    return topology.settings.environment is Environment.PROD
