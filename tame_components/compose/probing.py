"""The health check of a service: its own, or the one that its image is known to bring."""

from collections.abc import Mapping
from functools import cache

from tame_components.catalog import catalog
from tame_components.compose.nodes import Node
from tame_components.compose.quantities import seconds
from tame_components.domain.health import Probe, Timing


def probe_of(node: Node, image: str) -> Probe | None:
    """What judges the health of *node*, which runs *image*; None: nobody."""
    said = node.get("healthcheck")
    off = said and said.says_yes("disable")
    if said is None or not said.keys or off:
        return None if off else _own_probe(image)
    test = said.get("test")
    command: tuple[str, ...] = ()
    if test is not None:
        listed = isinstance(test.value, list)
        command = tuple(one.text for one in test.items) if listed else ("CMD-SHELL", test.text)
    if command[:1] == ("NONE",):
        return None
    return Probe(test=command, proves="", source="the Compose file", timing=_timing(said))


def _timing(said: Node) -> Timing:
    default = Timing(timeout=30, start_period=0)  # Docker's own
    retries = said.said("retries")
    return Timing(
        interval=round(seconds(said.said("interval")) or default.interval),
        timeout=round(seconds(said.said("timeout")) or default.timeout),
        start_period=round(seconds(said.said("start_period")) or default.start_period),
        retries=int(retries) if retries.isdecimal() else default.retries,
    )


def _own_probe(image: str) -> Probe | None:
    """The probe that the image brings itself, where the catalog knows."""
    return _probed().get(plain_repository(image))


@cache
def _probed() -> Mapping[str, Probe]:
    return {
        plain_repository(one.image.repository): one.probe
        for one in catalog().values()
        if one.probe and one.probe.from_image
    }


_MIRRORS = ("docker.io/library/", "docker.io/", "index.docker.io/", "lscr.io/", "ghcr.io/")


def plain_repository(image: str) -> str:
    """The repository without tag, digest and the registries that carry the same images."""
    name = image.partition("@")[0]
    head, colon, tail = name.rpartition(":")
    name = head if colon and "/" not in tail else name
    for mirror in _MIRRORS:
        if name.startswith(mirror):
            return name.removeprefix(mirror).lower()
    return name.lower()
