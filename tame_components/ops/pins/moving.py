"""Pins that move: in one stack, or in several to the same release and the same digest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tame_components.domain.compose import STAND_IN_REPOSITORY
from tame_components.domain.image import ImageReference
from tame_components.domain.lock import Lock, read_lock
from tame_components.domain.topology import Topology
from tame_components.ops.pins.errors import PinUnmovable, TagUnknown
from tame_components.ops.pins.plan import Pin, check, images_of
from tame_components.ops.pins.registry import Registries


@dataclass(frozen=True, slots=True)
class Move:
    """One image of one stack that moves to a newer release."""

    topology: Topology
    pin: Pin
    """Its services are those that move."""
    target: ImageReference
    """With the tag and the digest to move to."""

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.topology.stack


def moves(
    directory: Path,
    topologies: Sequence[Topology],
    registries: Registries,
    *,
    services: Sequence[str] = (),
    to: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Move, ...]:
    """What moves to its newest release, in each of the stacks that run it.

    Args:
        directory: where the locks are. A digest that one of the stacks runs a release by is the
            one for all of them.
        topologies: the stacks.
        registries: who is asked; each question once.
        services: only these; none: all that can move.
        to: this release instead of the newest.
        say: told what is being asked for.

    Raises:
        PinUnmovable: a service that was named moves in no stack, or one's settings say which image
            it runs.
        UnknownService: a service that was named is in none of the stacks.
        TagUnknown, RegistryUnreachable: see `locked`.
    """
    for name in services:
        _refuse_unmovable(name, topologies)
    every = [
        (topology, pin)
        for topology in topologies
        for pin in check(topology, registries, say, to)
        if not services or set(services) & set(pin.services)
    ]
    moving = [
        (topology, replace(pin, services=free))
        for topology, pin in every
        if pin.newest and (free := tuple(_free(topology, pin.services)))
    ]
    for name in services:
        if not any(name in pin.services for _, pin in moving):
            notes = (pin.note for _, pin in every if name in pin.services and pin.note)
            raise PinUnmovable(name, next(notes, "it is the newest release"))
    known = [read_lock(directory, topology.stack) for topology in topologies]
    return tuple(Move(where, pin, _target(pin, known, registries)) for where, pin in moving)


def lock_after(directory: Path, stack: str, moving: Iterable[Move]) -> Lock:
    """The lock of *stack* after those of *moving* that are its own."""
    before = read_lock(directory, stack)
    images, pins = dict(before.images), dict(before.pins)
    own = [move for move in moving if move.stack == stack]
    for move in own:
        if not _kept(move, own):
            images.pop(str(move.pin.image), None)
    for move in own:
        reference = move.target.model_copy(update={"digest": None})
        images[str(reference)] = move.target.digest or ""
        pins |= {name: _public(move, name) for name in move.pin.services}
    return Lock(pins=pins, images=images)


def _refuse_unmovable(name: str, topologies: Sequence[Topology]) -> None:
    running = [one for one in topologies if name in {service.name for service in one.services}]
    if not running:
        topologies[0].service(name, asked_by="tame pins update")
    for topology in running:
        if not tuple(_free(topology, [name])):
            where = f"`image` in the settings of `{topology.stack}` names it; remove that first"
            raise PinUnmovable(name, where)


def _free(topology: Topology, services: Iterable[str]) -> Iterator[str]:
    """Those of *services* whose image the settings leave open."""
    asked = topology.settings.services
    return (name for name in services if name not in asked or not asked[name].image)


def _target(pin: Pin, known: Iterable[Lock], registries: Registries) -> ImageReference:
    reference = pin.image.model_copy(update={"tag": pin.newest})
    digests = (lock.images[str(reference)] for lock in known if str(reference) in lock.images)
    digest = next(digests, None)
    if digest is None:
        found = registries.find(reference)
        if found is None:
            raise TagUnknown([str(reference)])
        digest = found.digest
    return reference.model_copy(update={"digest": digest})


def _kept(move: Move, own: Iterable[Move]) -> bool:
    """Whether a service that stays runs the image that *move* leaves."""
    gone = {name for one in own for name in one.pin.services}
    services = images_of(move.topology)[str(move.pin.image)]
    return any(service.name not in gone for service in services)


def _public(move: Move, service: str) -> str:
    """The pin as it is outside a rehearsal, where stand-ins have names of their own."""
    repository = move.target.repository
    if repository.startswith(f"{STAND_IN_REPOSITORY}/"):
        repository = move.topology.service(service).app.image.repository
    return f"{repository}:{move.target.tag}"
