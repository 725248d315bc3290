"""Ports that services publish for services on the stack's other machines."""

from collections.abc import Iterator, Sequence

from tame_components.domain.container import PublishedPort
from tame_components.domain.service import Service
from tame_components.domain.settings import StackSettings


def across_machines(settings: StackSettings, services: Sequence[Service]) -> tuple[Service, ...]:
    """*services*, each publishing what a service of another machine calls of it.

    A port that people reach already is not published again; where the machine has no address that
    the others share, nothing is, and the wire turns out impossible.
    """
    return tuple(_opened(settings, service, services) for service in services)


def _opened(settings: StackSettings, service: Service, others: Sequence[Service]) -> Service:
    address = _shared_address(settings, service)
    if address is None or service.through:
        return service
    reached = {port.container for port in service.published if port.address == address}
    wanted = sorted(set(_called_from_elsewhere(service, others)) - reached)
    added = tuple(
        PublishedPort(address=address, host=number, container=number, audience="machines")
        for number in wanted
    )
    return service.model_copy(update={"published": (*service.published, *added)})


def _shared_address(settings: StackSettings, service: Service) -> str | None:
    if service.host:
        return settings.hosts[service.host].address
    return settings.exposure.machines_address


def _called_from_elsewhere(service: Service, others: Sequence[Service]) -> Iterator[int]:
    for other in others:
        if other.host == service.host:
            continue
        needed = {need.offer for need in other.app.needs}
        for offer in service.app.offers if other.may_call(service.name) else ():
            port = service.app.port(offer.port)
            if offer.name in needed and port:
                yield port.number
        back = any(need.call_back and need.offer in other.app.offered for need in service.app.needs)
        ui = service.app.port()
        if back and ui and service.may_call(other.name):
            yield ui.number
