"""Writing a lock: the digests of what is pinned, and pins that move together with theirs."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tame_components.domain.compose import STAND_IN_REPOSITORY
from tame_components.domain.image import ImageReference
from tame_components.domain.lock import Lock, lock_file, read_lock
from tame_components.domain.topology import Topology
from tame_components.ops.pins.errors import PinUnmovable, TagUnknown
from tame_components.ops.pins.plan import Pin, check, images_of
from tame_components.ops.pins.registry import Registries


def locked(
    directory: Path,
    topology: Topology,
    registries: Registries,
    say: Callable[[str], None] = lambda _: None,
) -> Lock:
    """The lock of *topology*'s images as they are pinned now; nothing is written.

    Raises:
        TagUnknown: naming every image that its registry lacks.
        RegistryUnreachable: a registry gives no usable answer.
    """
    digests: dict[str, str] = {}
    missing = []
    for reference in images_of(topology):
        say(f"asking for {reference}")
        found = registries.find(ImageReference.parse(reference))
        if found is None:
            missing.append(reference)
        else:
            digests[reference] = found.digest
    if missing:
        raise TagUnknown(missing)
    return Lock(pins=read_lock(directory, topology.stack).pins, images=digests)


def moved(  # the whole of what a move needs
    directory: Path,
    topology: Topology,
    services: Sequence[str],
    registries: Registries,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Lock, tuple[Pin, ...]]:
    """The lock after moving *services* (none: all that can move) to their newest releases.

    Raises:
        PinUnmovable: a service that was named has no newer release, or says in the settings which
            image it wants.
        TagUnknown, RegistryUnreachable: see `locked`.
    """
    for name in services:
        if topology.settings.services[topology.service(name).name].image:
            raise PinUnmovable(name, "`image` in the settings names it; remove that first")
    pins = [pin for pin in check(topology, registries, say) if _meant(pin, services)]
    for name in services:
        if not any(name in pin.services and pin.newest for pin in pins):
            note = next((pin.note for pin in pins if name in pin.services), "")
            raise PinUnmovable(name, note or "it is the newest release")
    moving = tuple(pin for pin in pins if pin.newest)
    before = read_lock(directory, topology.stack)
    images = dict(before.images)
    newer = dict(before.pins)
    for pin in moving:
        reference = pin.image.model_copy(update={"tag": pin.newest})
        found = registries.find(reference)
        if found is None:
            raise TagUnknown([str(reference)])
        images.pop(str(pin.image), None)
        images[str(reference)] = found.digest
        newer |= {name: _public(topology, name, reference) for name in pin.services}
    return Lock(pins=newer, images=images), moving


def write(directory: Path, stack: str, lock: Lock) -> Path:
    """Replace the lock of *stack* in one step; an interrupted one leaves the old or the new."""
    file = lock_file(directory, stack)
    beside = file.with_suffix(".new")
    beside.write_text(lock.text(), "utf-8")
    beside.replace(file)
    return file


def _meant(pin: Pin, services: Iterable[str]) -> bool:
    return not services or any(name in pin.services for name in services)


def _public(topology: Topology, service: str, reference: ImageReference) -> str:
    """The pin as it is outside a rehearsal, where stand-ins have names of their own."""
    repository = reference.repository
    if repository.startswith(f"{STAND_IN_REPOSITORY}/"):
        repository = topology.service(service).app.image.repository
    return f"{repository}:{reference.tag}"
