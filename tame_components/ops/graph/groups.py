"""Which services of a topology belong side by side: networks, and steps of the pipeline."""

from dataclasses import dataclass

from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


@dataclass(frozen=True)
class Band:
    """Services that are drawn together: those whose closest network is the same."""

    title: str
    services: tuple[Service, ...]


def bands(topology: Topology) -> tuple[Band, ...]:
    """The services by their closest network: a private one wins over the bridge."""
    found: dict[str, list[Service]] = {}
    for service in topology.services:
        mine = [one.name for one in topology.networks_of(service)]
        found.setdefault(mine[-1] if mine else "", []).append(service)
    titles = {
        one.name: f"{one.name}{', internal' if one.internal else ''}" for one in topology.networks
    }
    order = [*titles, ""]
    return tuple(
        Band(titles.get(name, "the host's network"), tuple(found[name]))
        for name in order
        if name in found
    )


def subtitle(service: Service) -> str:
    """What a box says below the title."""
    return f"{service.app.kind.replace('-', ' ')} · {service.plane}"


def columns(topology: Topology) -> dict[str, int]:
    """Service -> its step in the pipeline: one more than the last of those that call it.

    Members stand in their gateway's column. Where calls go in a circle, the call that closes it
    counts for nothing.
    """
    callers: dict[str, list[str]] = {}
    for wire in topology.wires:
        callers.setdefault(topology.service(wire.target).home, []).append(
            topology.service(wire.source).home
        )
    found: dict[str, int] = {}

    def place(home: str, above: frozenset[str]) -> int:
        if home not in found:
            inside = above | {home}
            before = [place(one, inside) for one in callers.get(home, ()) if one not in inside]
            found[home] = 1 + max(before, default=-1)
        return found[home]

    for service in topology.services:
        place(service.home, frozenset())
    return {service.name: found[service.home] for service in topology.services}
