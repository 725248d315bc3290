"""The networks of a stack: who meets whom."""

from collections.abc import Container, Iterable, Iterator, Sequence

from tame_components.domain.service import Service
from tame_components.domain.settings import StackSettings
from tame_components.domain.topology import Network


def networks_of(settings: StackSettings, services: Sequence[Service]) -> tuple[Network, ...]:
    """A bridge on each machine, and an internal network for each service that only callers meet."""
    attached = [s for s in services if not s.through and not s.host_network]
    private = {
        s.name: tuple(offer.name for offer in s.app.offers if offer.private)
        for s in attached
        if any(offer.private for offer in s.app.offers)
    }
    hidden = [
        Network(
            name=f"{settings.stack}-{name}",
            members=(name, *sorted(_callers(attached, name, offers))),
            internal=True,
            host=next(s.host for s in attached if s.name == name),
        )
        for name, offers in sorted(private.items())
    ]
    bridges = [
        Network(
            name=f"{settings.stack}-net",
            members=tuple(s.name for s in attached if s.name not in private and s.host == host),
            subnet=None if host else settings.network.subnet,
            host=host,
        )
        for host in sorted({"", *(s.host for s in attached)})
    ]
    return (*bridges, *hidden)


def _callers(services: Iterable[Service], name: str, offers: Container[str]) -> Iterator[str]:
    for service in services:
        wants = any(need.offer in offers for need in service.app.needs)
        if wants and service.may_call(name):
            yield service.name
