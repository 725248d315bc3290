"""Which services people reach from outside, under which names."""

from collections.abc import Iterator

from tame_components.domain.app import Kind
from tame_components.domain.base import Frozen
from tame_components.domain.errors import Mistake, SettingsInvalid
from tame_components.domain.planes import Plane
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


LOGIN = "sign-on"
"""What the service offers that asks for a login."""


class PublicHost(Frozen):
    """One name of the zone, and what stands behind it."""

    service: str
    hostname: str
    guarded: bool
    """Whether a login comes first."""


def public_hosts(topology: Topology) -> tuple[PublicHost, ...]:
    """Every name that the tunnel and the proxy answer to, by service.

    Raises:
        SettingsInvalid: naming each service that must not be reachable, or has no login before it.
    """
    access = topology.settings.remote_access
    if access is None:
        return ()
    mistakes = list(_mistakes(topology))
    if mistakes:
        raise SettingsInvalid(f"Pulumi.{topology.stack}.yaml", mistakes)
    return tuple(
        PublicHost(
            service=service.name,
            hostname=access.hosts.get(service.name, f"{service.name}.{access.domain}"),
            guarded=service.plane is Plane.OPERATOR,
        )
        for service in topology.services
        if _public(topology, service)
    )


def _public(topology: Topology, service: Service) -> bool:
    access = topology.settings.remote_access
    if access is None or service.app.port() is None:
        return False
    if service.name in access.hosts:
        return True
    if service.app.kind is Kind.REMOTE_ACCESS:  # the way in itself; its login has to be reached
        return LOGIN in service.app.offered
    return service.plane is Plane.USER


def _mistakes(topology: Topology) -> Iterator[Mistake]:
    access = topology.settings.remote_access
    for name, hostname in sorted(access.hosts.items()) if access else ():
        key = f"remote_access.hosts.{name}"
        service = topology.find(name)
        if service is None:
            yield Mistake(key, f"`{name}`", "a service of the stack")
        elif service.app.port() is None:
            yield Mistake(key, f"`{name}`", "a service that has a UI")
        elif service.plane is Plane.INTERNAL:
            yield Mistake(key, f"`{name}`", "a service that is not `internal`")
        elif service.plane is Plane.OPERATOR and not (access and access.sign_on):
            yield Mistake(key, f"`{name}`, of the operator plane", "it only behind `sign_on`")
        if access and not hostname.endswith(f".{access.domain}"):
            yield Mistake(key, f"`{hostname}`", f"a name below `{access.domain}`")
    if access and access.sign_on and LOGIN not in topology.offered:
        yield Mistake("remote_access.sign_on", f"`{access.sign_on}`", "its service in `services`")
