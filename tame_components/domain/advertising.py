"""Where players find a media server: what it tells them of itself.

On a bridge it knows only its own address there, which no player can reach. A name comes before an
address, because it works from everywhere.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from tame_components.domain.app import App
from tame_components.domain.errors import Mistake
from tame_components.domain.publishing import public_hosts
from tame_components.domain.service import Service
from tame_components.domain.settings import ServiceSettings
from tame_components.domain.topology import Topology


CHOSEN_BY = "TAME_ADVERTISED_BY"
"""Tells a seed who chose the addresses: `settings` (a person) or `topology`."""
_WAYS_IN = frozenset({"reverse-proxy", "tunnel"})


def advertised_addresses(topology: Topology, service: Service) -> tuple[str, ...]:
    """Where players are told to find *service*: what the settings name, else what is derived."""
    facts = service.app.advertised
    if facts is None:
        return ()
    chosen = _chosen(topology, service)
    urls = tuple(_derived(topology, service)) if chosen is None else chosen
    return urls if facts.several else urls[:1]


def advertised_environment(topology: Topology, service: Service) -> dict[str, str]:
    """What *service* is told by its environment of where it is found; nothing: it is left alone."""
    facts, urls = service.app.advertised, advertised_addresses(topology, service)
    chosen = _chosen(topology, service) is not None
    if facts is None or not (urls or chosen):
        return {}
    seeded = {CHOSEN_BY: "settings" if chosen else "topology"}
    return {facts.variable: ",".join(urls), **(seeded if service.app.seed else {})}


def advertising_mistakes(name: str, asked: ServiceSettings, app: App) -> Iterator[Mistake]:
    """What `services.<name>.advertise` asks for and the application cannot tell."""
    if not asked.advertise:
        return
    key, got = f"services.{name}.advertise", f"{len(asked.advertise)} addresses"
    if app.advertised is None:
        yield Mistake(key, got, f"nothing: `{app.name}` does not tell players where it is")
    elif len(asked.advertise) > 1 and not app.advertised.several:
        yield Mistake(key, got, f"one: `{app.name}` tells no more")


def _chosen(topology: Topology, service: Service) -> tuple[str, ...] | None:
    asked = topology.settings.services.get(service.name)
    return asked.advertise if asked else None


def _derived(topology: Topology, service: Service) -> Iterator[str]:
    names = public_hosts(topology)
    if names and _WAYS_IN & topology.offered:
        for host in names:
            if host.service == service.name and not host.guarded:  # no player passes a login
                yield f"https://{host.hostname}:443"
    port = service.app.port()
    for published in service.published:
        address = ip_address(published.address) if published.address else None
        nowhere = address is None or address.is_loopback or address.is_unspecified
        if port and published.audience == "people" and not nowhere:
            shown = f"[{address}]" if ":" in str(address) else str(address)
            yield f"{port.scheme}://{shown}:{published.host}"
