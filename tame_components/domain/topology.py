"""A whole stack as one value: services, networks, mounts, wires; many readers, one truth."""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from ipaddress import ip_address

from tame_components.domain.app import Need
from tame_components.domain.base import Frozen
from tame_components.domain.container import PublishedPort
from tame_components.domain.errors import UnknownService, WireUnreachable, listed
from tame_components.domain.paths import DataTree
from tame_components.domain.service import Service
from tame_components.domain.settings import StackSettings
from tame_components.domain.wire import Wire


HOST = "host.docker.internal"
"""The name under which a bridged container finds the host (docker run --add-host, host-gateway)."""


_SHAPES_SERVICE = {"app", "plane", "environment", "memory_mb", "uses"}
_SHAPES_TUNNEL = {"provider", "type", "port_forwarding", "outbound_subnets"}
"""Settings that a release is judged by; the others say where it runs, not what."""


class Network(Frozen):
    """A Docker network of the stack."""

    name: str
    members: tuple[str, ...]
    """Services that are attached; members of a VPN gateway are where the gateway is."""
    internal: bool = False
    """Whether nothing on it reaches the outside."""
    subnet: str | None = None
    host: str = ""
    """The machine it is on. Empty: the stack's own engine."""


class Topology(Frozen):
    """One stack: the components create it, rules judge it, everything else is generated from it."""

    settings: StackSettings
    networks: tuple[Network, ...]
    services: tuple[Service, ...]
    """In alphabetical order."""

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.settings.stack

    @property
    def data(self) -> DataTree:
        """The one data tree."""
        return self.settings.data

    @cached_property
    def _by_name(self) -> dict[str, Service]:
        return {service.name: service for service in self.services}

    def service(self, name: str, *, asked_by: str = "the program") -> Service:
        """The service called *name*.

        Raises:
            UnknownService: the stack has none.
        """
        if name not in self._by_name:
            raise UnknownService(name, asked_by, self._by_name)
        return self._by_name[name]

    def find(self, name: str) -> Service | None:
        """The service called *name*; None: the stack has none."""
        return self._by_name.get(name)

    def offering(self, offer: str) -> tuple[Service, ...]:
        """The services that offer *offer*, in alphabetical order."""
        return self._offering.get(offer, ())

    @property
    def offered(self) -> frozenset[str]:
        """Everything that some service offers."""
        return frozenset(self._offering)

    @property
    def gateways(self) -> tuple[Service, ...]:
        """The VPN gateways that have members."""
        used = {service.through for service in self.services if service.through}
        return tuple(service for service in self.services if service.name in used)

    def members(self, gateway: str) -> tuple[Service, ...]:
        """The services that live in the network namespace of *gateway*."""
        return tuple(service for service in self.services if service.through == gateway)

    @property
    def direct(self) -> tuple[Service, ...]:
        """The services that have a network namespace of their own and guard nobody else's."""
        gateways = {gateway.name for gateway in self.gateways}
        return tuple(s for s in self.services if not s.through and s.name not in gateways)

    def container_name(self, service: str) -> str:
        """What Docker calls the container of *service*."""
        plain = self.settings.network.container_names == "plain"
        return service if plain else f"{self.stack}-{service}"

    def networks_of(self, service: Service) -> tuple[Network, ...]:
        """The networks that *service* can be met on."""
        return tuple(network for network in self.networks if service.home in network.members)

    def address(self, caller: str, target: str) -> str:
        """The host name under which *caller* finds *target*.

        Raises:
            WireUnreachable: they never meet.
        """
        ours, theirs = self.service(caller), self.service(target)
        if ours.host != theirs.host:
            return self._across(caller, theirs).address
        if ours.home == theirs.home or (ours.host_network and theirs.host_network):
            return "localhost"
        if theirs.host_network:
            return HOST
        if ours.host_network:
            raise WireUnreachable(
                caller, target, "it is on the host's network, where no service has a name"
            )
        met = {network.name for network in self.networks_of(ours)}
        if not met & {network.name for network in self.networks_of(theirs)}:
            raise WireUnreachable(caller, target, "they share no network")
        return theirs.home

    def url(self, caller: str, target: str, port: str = "ui") -> str:
        """The URL under which *caller* finds the port called *port* of *target*.

        Raises:
            WireUnreachable: they never meet, or *target* does not listen there.
        """
        listening = self.service(target).app.port(port)
        if listening is None:
            raise WireUnreachable(caller, target, f"it has no port called `{port}`")
        ours, theirs = self.service(caller), self.service(target)
        if ours.host != theirs.host:
            there = self._across(caller, theirs, listening.number)
            return f"{listening.scheme}://{there.address}:{there.host}"
        return f"{listening.scheme}://{self.address(caller, target)}:{listening.number}"

    def _across(self, caller: str, target: Service, port: int | None = None) -> PublishedPort:
        """Where a service of another machine listens: only what it publishes can be reached."""
        for published in target.published:
            beyond = not ip_address(published.address).is_loopback
            if beyond and port in (None, published.container):
                return published
        raise WireUnreachable(
            caller,
            target.name,
            "it is on another machine, and publishes nothing that can be reached from there"
            " (`exposure.machines_address`)",
        )

    @property
    def links(self) -> dict[str, str]:
        """Where a person opens each service that publishes its UI, by service."""
        return {
            service.name: f"{port.scheme}://{published.address}:{published.host}"
            for service in self.services
            if (port := service.app.port())
            for published in service.published
            if published.audience == "people"
        }

    @property
    def release(self) -> dict[str, object]:
        """What the stack runs, so that another stack can ask for exactly that."""
        return {"images": self.images, "config": self.config}

    @property
    def images(self) -> dict[str, str]:
        """The image reference of each service."""
        return {service.name: str(service.image) for service in self.services}

    @property
    def config(self) -> str:
        """SHA-256 of the settings that shape containers.

        Without images, names and places, in which two environments differ on purpose.
        """
        shape = self.settings.model_dump(
            mode="json",
            include={
                "services": {"__all__": _SHAPES_SERVICE},
                "vpn": _SHAPES_TUNNEL,
                "timezone": True,
            },
        )
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """Every call that must work, in the order of its ends.

        Raises:
            UnknownService: `uses` names a service that the stack lacks.
            WireUnreachable: two ends never meet, or `uses` names one that offers nothing needed.
        """
        return tuple(wire for service in self.services for wire in self._wires_of(service))

    @cached_property
    def _wires_by_source(self) -> dict[str, tuple[Wire, ...]]:
        found: dict[str, list[Wire]] = {}
        for wire in self.wires:
            found.setdefault(wire.source, []).append(wire)
        return {source: tuple(wires) for source, wires in found.items()}

    def wires_from(self, service: str) -> tuple[Wire, ...]:
        """The calls that *service* makes."""
        return self._wires_by_source.get(service, ())

    @cached_property
    def _offering(self) -> dict[str, tuple[Service, ...]]:
        found: dict[str, list[Service]] = {}
        for service in self.services:
            for offer in service.app.offers:
                found.setdefault(offer.name, []).append(service)
        return {offer: tuple(services) for offer, services in found.items()}

    def _wires_of(self, service: Service) -> Iterator[Wire]:
        self._check_uses(service)
        for need in service.app.needs:
            for target in self._answering(service, need):
                offer = next(o for o in target.app.offers if o.name == need.offer)
                yield Wire(
                    source=service.name,
                    target=target.name,
                    offer=need.offer,
                    url=self.url(service.name, target.name, offer.port),
                    why=need.why,
                    back_url=self.url(target.name, service.name) if need.call_back else None,
                )

    def _check_uses(self, service: Service) -> None:
        needed = {need.offer for need in service.app.needs}
        for name in service.uses or ():
            used = self.service(name, asked_by=f"services.{service.name}.uses")
            if not needed & used.app.offered:
                raise WireUnreachable(
                    service.name, name, f"it offers none of what is needed: {listed(needed)}"
                )

    def _answering(self, service: Service, need: Need) -> Iterator[Service]:
        for other in self.offering(need.offer):
            if service.may_call(other.name):
                yield other
