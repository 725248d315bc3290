"""Which pins of a stack could move, and to what: observed, judged, and not yet changed."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tame_components.domain.image import ImageReference
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.pins.registry import Found, Registries


@dataclass(frozen=True, slots=True)
class Pin:
    """One image of a stack, and the newest release of it."""

    image: ImageReference
    """With the tag that is pinned, without its digest."""
    services: tuple[str, ...]
    newest: str | None
    """The tag to move to; None: the pin is the newest, or nothing is known."""
    created: str | None
    """When the newest was built."""
    changelog: str | None
    note: str
    """Why there is no newer one, or what to know of it; empty where there is nothing to say."""


def images_of(topology: Topology) -> dict[str, tuple[Service, ...]]:
    """The services of each image, by the reference without a digest."""
    found: dict[str, list[Service]] = {}
    for service in topology.services:
        reference = service.image.model_copy(update={"digest": None})
        found.setdefault(str(reference), []).append(service)
    return {reference: tuple(services) for reference, services in sorted(found.items())}


def check(
    topology: Topology, registries: Registries, say: Callable[[str], None] = lambda _: None
) -> Iterator[Pin]:
    """Each image of *topology*, with the newest release that its app's tag grammar knows.

    Raises:
        RegistryUnreachable: a registry gives no usable answer.
    """
    for reference, services in images_of(topology).items():
        say(f"asking for {reference}")
        yield _checked(ImageReference.parse(reference), services, registries)


def _checked(image: ImageReference, services: tuple[Service, ...], registries: Registries) -> Pin:
    app = services[0].app
    names = tuple(service.name for service in services)
    here = app.tags.order(image.tag) if app.tags and image.tag else None
    if app.tags is None or here is None:
        note = "the pin is no release by the tag grammar" if app.tags else "no tag grammar"
        return Pin(image, names, None, None, None, note)
    orders = {
        tag: order for tag in registries.tags(image.repository) if (order := app.tags.order(tag))
    }
    newer = sorted((order, tag) for tag, order in orders.items() if order > here)
    if not newer:
        return Pin(image, names, None, None, None, "")
    newest = newer[-1][1]
    candidate = registries.find(image.model_copy(update={"tag": newest}))
    current = registries.find(image)
    if candidate is None:
        return Pin(image, names, None, None, None, f"`{newest}` is listed and cannot be had")
    changelog = app.tags.changelog.replace("{tag}", newest) if app.tags.changelog else None
    if _older(candidate, current):
        note = f"`{newest}` was built before the pin: it is not proposed"
        return Pin(image, names, None, candidate.created, changelog, note)
    missing = sorted(_platforms(app.image.architectures) - set(candidate.platforms))
    note = f"not for {', '.join(missing)}" if candidate.platforms and missing else ""
    return Pin(image, names, newest, candidate.created, changelog, note)


def _older(candidate: Found, current: Found | None) -> bool:
    """Whether the tag that looks newer was built earlier: then its number means something else."""
    if current is None or candidate.created is None or current.created is None:
        return False
    return _time(candidate.created) < _time(current.created)


def _time(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _platforms(architectures: tuple[str, ...]) -> set[str]:
    return {f"linux/{one}" for one in architectures}
