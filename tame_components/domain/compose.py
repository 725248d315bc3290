"""From the dials of a stack and the catalog to its topology."""

import zlib
from collections.abc import Iterable, Mapping

from tame_components.domain.app import App, Family, Kind
from tame_components.domain.container import PublishedPort
from tame_components.domain.errors import (
    Mistake,
    PortsClash,
    SettingsInvalid,
    StandInRefused,
    TunnelMissing,
    UnknownApp,
)
from tame_components.domain.image import ImageReference
from tame_components.domain.planes import Plane
from tame_components.domain.service import Service
from tame_components.domain.settings import ServiceSettings, StackSettings
from tame_components.domain.topology import Network, Topology


STAND_IN_REPOSITORY = "tame.invalid"
"""`.invalid` never resolves (RFC 2606): a stand-in cannot be pulled by accident."""

_UIDS = range(20_000, 60_000)


def compose_topology(settings: StackSettings, apps: Mapping[str, App]) -> Topology:
    """Everything that follows from *settings*, checked.

    Raises:
        UnknownApp: a service is of an application that the catalog lacks.
        TunnelMissing: a torrent client without a VPN gateway.
        PortsClash: two services want one port.
        SettingsInvalid: a service asks for what its plane or application does not allow.
        UnknownService, WireUnreachable: see `Topology.wires`.
    """
    gateway = _gateway(settings, apps)
    services = tuple(
        _service(settings, name, asked, _app(name, asked, apps), gateway)
        for name, asked in sorted(settings.services.items())
    )
    _refuse_clashes(settings, services)
    topology = Topology(
        settings=settings, networks=_networks(settings, services), services=services
    )
    _ = topology.wires  # computed once, here, so that an impossible wire stops everything
    return topology


def _app(name: str, asked: ServiceSettings, apps: Mapping[str, App]) -> App:
    wanted = asked.app or name
    if wanted not in apps:
        raise UnknownApp(wanted, apps)
    return apps[wanted]


def _gateway(settings: StackSettings, apps: Mapping[str, App]) -> str | None:
    for name, asked in sorted(settings.services.items()):
        if _app(name, asked, apps).kind is Kind.VPN:
            if settings.vpn is None:
                mistake = Mistake("vpn", "nothing", f"the tunnel of the VPN gateway `{name}`")
                raise SettingsInvalid(_file(settings), [mistake])
            return name
    return None


def _service(
    settings: StackSettings, name: str, asked: ServiceSettings, app: App, gateway: str | None
) -> Service:
    if app.torrent and gateway is None:
        raise TunnelMissing(name)
    plane = asked.plane or app.plane
    uid = settings.identity.uid if asked.uid is None else asked.uid
    return Service(
        name=name,
        app=app,
        image=_image(settings, name, asked, app),
        plane=plane,
        uid=_stable_uid(name) if uid is None else uid,
        through=gateway if app.torrent else None,
        host_network=asked.host_network,
        published=_published(settings, name, asked, app, plane),
        environment=tuple(sorted(asked.environment.items())),
        memory_mb=asked.memory_mb or app.limits.memory_mb,
        uses=asked.uses,
        rotation=asked.rotation,
    )


def _stable_uid(name: str) -> int:
    """An id that stays the same whatever other services come and go."""
    return _UIDS[zlib.crc32(name.encode()) % len(_UIDS)]


def _image(settings: StackSettings, name: str, asked: ServiceSettings, app: App) -> ImageReference:
    wanted = ImageReference.parse(asked.image) if asked.image else app.image.reference
    if settings.rehearsal:
        return ImageReference(repository=f"{STAND_IN_REPOSITORY}/{app.name}", tag=wanted.tag)
    if wanted.repository.startswith(f"{STAND_IN_REPOSITORY}/"):
        raise StandInRefused(f"services.{name}.image")
    return wanted


def _published(
    settings: StackSettings, name: str, asked: ServiceSettings, app: App, plane: Plane
) -> tuple[PublishedPort, ...]:
    ui = app.port()
    if asked.host_network or asked.publish == 0:
        return ()
    if asked.publish and (ui is None or plane is Plane.INTERNAL):
        why = "nothing: its plane is `internal`" if ui else "nothing: it has no UI"
        mistake = Mistake(f"services.{name}.publish", f"`{asked.publish}`", why)
        raise SettingsInvalid(_file(settings), [mistake])
    if ui is None or (asked.publish is None and plane is not Plane.USER):
        return ()
    exposure = settings.exposure
    address = exposure.user_address if plane is Plane.USER else exposure.operator_address
    port = asked.publish or ui.number
    return (PublishedPort(address=address, host=port, container=ui.number),)


def _refuse_clashes(settings: StackSettings, services: Iterable[Service]) -> None:
    wanted: dict[tuple[str, str], list[str]] = {}
    for service in services:
        for port in service.published:
            place = ("the host", f"{port.address}:{port.host}/{port.protocol}")
            wanted.setdefault(place, []).append(service.name)
        if service.through:
            for inner in service.app.ports:
                place = (
                    f"the namespace of `{service.through}`",
                    f"{inner.number}/{inner.protocol}",
                )
                wanted.setdefault(place, []).append(service.name)
    for (where, port_text), names in wanted.items():
        if len(names) > 1:
            raise PortsClash(where, port_text, names)
    ids: dict[int, str] = {}
    for service in services:
        if settings.identity.uid is None and service.app.image.family is Family.LINUXSERVER:
            other = ids.setdefault(service.uid, service.name)
            if other != service.name:
                mistake = Mistake(
                    f"services.{service.name}.uid",
                    f"`{service.uid}`, which is also `{other}`'s",
                    "an id of its own",
                )
                raise SettingsInvalid(_file(settings), [mistake])


def _networks(settings: StackSettings, services: Iterable[Service]) -> tuple[Network, ...]:
    attached = [s for s in services if not s.through and not s.host_network]
    private = {
        s.name: tuple(offer.name for offer in s.app.offers if offer.private)
        for s in attached
        if any(offer.private for offer in s.app.offers)
    }
    bridge = Network(
        name=f"{settings.stack}-net",
        members=tuple(s.name for s in attached if s.name not in private),
        subnet=settings.network.subnet,
    )
    hidden = [
        Network(
            name=f"{settings.stack}-{name}",
            members=(name, *sorted(_callers(attached, name, offers))),
            internal=True,
        )
        for name, offers in sorted(private.items())
    ]
    return (bridge, *hidden)


def _callers(services: Iterable[Service], name: str, offers: tuple[str, ...]) -> Iterable[str]:
    for service in services:
        wants = any(need.offer in offers for need in service.app.needs)
        chosen = service.uses is None or name in service.uses
        if service.name != name and wants and chosen:
            yield service.name


def _file(settings: StackSettings) -> str:
    return f"Pulumi.{settings.stack}.yaml"
