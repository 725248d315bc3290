"""Which pins of a stack could move, and to what: observed, judged, and not yet changed."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from tame_components.domain.app_traits import TagGrammar
from tame_components.domain.image import ImageReference
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.pins.registry import Found, Registries


@dataclass(frozen=True, slots=True)
class Pin:
    """One image of a stack, and the newest release of it."""

    image: ImageReference
    """With the tag that is pinned, without its digest."""
    app: str
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
    topology: Topology,
    registries: Registries,
    say: Callable[[str], None] = lambda _: None,
    to: str | None = None,
) -> Iterator[Pin]:
    """Each image of *topology*, with the newest release that its app's tag grammar knows.

    Args:
        topology: the stack.
        registries: who is asked.
        say: told what is being asked for.
        to: this tag, and no newer one.

    Raises:
        RegistryUnreachable: a registry gives no usable answer.
    """
    for reference, services in images_of(topology).items():
        say(f"asking for {reference}")
        yield _checked(ImageReference.parse(reference), services, registries, to)


def _checked(
    image: ImageReference, services: tuple[Service, ...], registries: Registries, to: str | None
) -> Pin:
    app = services[0].app
    pin = Pin(image, app.name, tuple(service.name for service in services), None, None, None, "")
    if app.tags is None:
        return replace(pin, note="no tag grammar")
    here = app.tags.order(image.tag) if image.tag else None
    if here is None:
        return replace(pin, note="the pin is no release by the tag grammar")
    newest = _newest(app.tags, here, registries.tags(image.repository), to)
    if newest is None:
        note = f"`{to}` is no newer release that its registry has" if to else ""
        return replace(pin, note="" if to == image.tag else note)
    candidate = registries.find(image.model_copy(update={"tag": newest}))
    if candidate is None:
        return replace(pin, note=f"`{newest}` is listed and cannot be had")
    changelog = app.tags.changelog.replace("{tag}", newest) if app.tags.changelog else None
    pin = replace(pin, created=candidate.created, changelog=changelog)
    if _older(candidate, registries.find(image)):
        return replace(pin, note=f"`{newest}` was built before the pin: it is not proposed")
    missing = sorted(_platforms(app.image.architectures) - set(candidate.platforms))
    note = f"not for {', '.join(missing)}" if candidate.platforms and missing else ""
    return replace(pin, newest=newest, note=note)


def _newest(
    grammar: TagGrammar, here: tuple[int, ...], tags: Iterable[str], to: str | None
) -> str | None:
    """The newest of *tags* that is newer than *here*; only *to*, where that is given."""
    orders = {tag: order for tag in tags if (order := grammar.order(tag)) and to in (None, tag)}
    newer = sorted((order, tag) for tag, order in orders.items() if order > here)
    return newer[-1][1] if newer else None


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
