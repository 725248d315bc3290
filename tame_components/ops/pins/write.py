"""Writing a lock: the digests of what is pinned."""

from collections.abc import Callable
from pathlib import Path

from tame_components.domain.image import ImageReference
from tame_components.domain.lock import Lock, lock_file, read_lock
from tame_components.domain.topology import Topology
from tame_components.ops import durable
from tame_components.ops.pins.errors import TagUnknown
from tame_components.ops.pins.plan import images_of
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


def write(directory: Path, stack: str, lock: Lock) -> Path:
    """Replace the lock of *stack* in one step; an interrupted one leaves the old or the new."""
    file = lock_file(directory, stack)
    durable.write(file, lock.text())
    return file
