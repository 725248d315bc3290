"""From the dials of a stack and the catalog to its topology."""

import zlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tame_components.domain.advertising import advertising_mistakes
from tame_components.domain.app import App, Kind
from tame_components.domain.app_image import Family
from tame_components.domain.app_traits import Refusal
from tame_components.domain.container import PublishedPort
from tame_components.domain.crossing import across_machines
from tame_components.domain.errors import (
    AppRefused,
    Mistake,
    PortsClash,
    SettingsInvalid,
    StandInRefused,
    TunnelMissing,
    UnknownApp,
    listed,
)
from tame_components.domain.image import ImageReference
from tame_components.domain.lock import Lock
from tame_components.domain.networks import networks_of
from tame_components.domain.planes import Plane
from tame_components.domain.publishing import public_hosts
from tame_components.domain.service import Service
from tame_components.domain.settings import ServiceSettings, StackSettings
from tame_components.domain.topology import Topology


STAND_IN_REPOSITORY = "tame.invalid"
"""`.invalid` never resolves (RFC 2606): a stand-in cannot be pulled by accident."""
_REHEARSAL_REGISTRIES = ("127.0.0.1:", "localhost:")
"""A registry of this machine, from which a rehearsal pulls by digest as the real thing would."""

_UIDS = range(20_000, 60_000)

_NOTHING_REFUSED: Mapping[str, Refusal] = MappingProxyType({})

_UNLOCKED = Lock()

_METRICS = "metrics-store"
EXPORTER = "exportarr"
"""The application that tells Prometheus about those that do not do it themselves."""


def compose_topology(
    settings: StackSettings,
    apps: Mapping[str, App],
    refused: Mapping[str, Refusal] = _NOTHING_REFUSED,
    lock: Lock = _UNLOCKED,
) -> Topology:
    """Everything that follows from *settings*, checked; images by the digests of *lock*.

    Raises:
        AppRefused: a service is of an application that TAME will not run.
        UnknownApp: a service is of an application that the catalog lacks.
        TunnelMissing: a torrent client without a VPN gateway.
        PortsClash: two services want one port.
        SettingsInvalid: a service asks for what its plane or application does not allow.
        UnknownService, WireUnreachable: see `Topology.wires`.
    """
    _refuse(settings, refused)
    gateway = _gateway(settings, apps)
    wanted = {**_exporters(settings, apps), **settings.services}
    services = across_machines(
        settings,
        tuple(
            _locked(_service(settings, name, asked, _app(name, asked, apps), gateway), lock)
            for name, asked in sorted(_pinned(wanted, lock).items())
        ),
    )
    _refuse_clashes(settings, services)
    topology = Topology(
        settings=settings, networks=networks_of(settings, services), services=services
    )
    public_hosts(topology)  # refuses what must not be reachable
    _ = topology.wires  # computed once, here, so that an impossible wire stops everything
    return topology


def _refuse(settings: StackSettings, refused: Mapping[str, Refusal]) -> None:
    for name, asked in sorted(settings.services.items()):
        if refusal := refused.get(asked.app or name):
            raise AppRefused(f"services.{name}", refusal.name, refusal.reason, refusal.instead)


def _exporters(settings: StackSettings, apps: Mapping[str, App]) -> dict[str, ServiceSettings]:
    """An exporter beside each service that needs one, where something collects metrics."""
    watch = settings.observability
    collected = any(
        _METRICS in _app(name, asked, apps).offered for name, asked in settings.services.items()
    )
    if watch is None or not watch.exporters or not collected or EXPORTER not in apps:
        return {}
    return {
        f"{name}-exporter": ServiceSettings(app=EXPORTER, uses=(name,), host=asked.host)
        for name, asked in settings.services.items()
        if (metrics := _app(name, asked, apps).metrics) and metrics.by == EXPORTER
    }


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
    _refuse_impossible(settings, name, asked, app)
    plane = asked.plane or app.plane
    uid = settings.identity.uid if asked.uid is None else asked.uid
    return Service(
        name=name,
        app=app,
        image=_image(settings, name, asked, app),
        plane=plane,
        uid=_stable_uid(name) if uid is None else uid,
        through=gateway if app.torrent else None,
        host_network=asked.host_network or app.host_network == "must",
        published=_published(settings, name, asked, app, plane),
        environment=tuple(sorted(asked.environment.items())),
        memory_mb=asked.memory_mb or app.limits.memory_mb,
        gpu=settings.gpu is not None and (app.transcodes if asked.gpu is None else asked.gpu),
        host=asked.host or "",
        uses=asked.uses,
        rotation=asked.rotation,
    )


def _pinned(wanted: Mapping[str, ServiceSettings], lock: Lock) -> dict[str, ServiceSettings]:
    """*wanted*, at the releases that the lock has moved to."""
    moved = {
        name: wanted[name].model_copy(update={"image": pin})
        for name, pin in lock.pins.items()
        if name in wanted and wanted[name].image is None
    }
    return {**wanted, **moved}


def _locked(service: Service, lock: Lock) -> Service:
    return service.model_copy(update={"image": lock.locked(service.image)})


def _refuse_impossible(
    settings: StackSettings, name: str, asked: ServiceSettings, app: App
) -> None:
    """What the service asks for and the rest of the settings do not have."""
    wrong = [*advertising_mistakes(name, asked, app)]
    if asked.gpu and settings.gpu is None:
        wrong.append(Mistake(f"services.{name}.gpu", "`true`", "a GPU, described in `gpu`"))
    if asked.host and asked.host not in settings.hosts:
        known = (
            f"one of `hosts`: {listed(settings.hosts)}" if settings.hosts else "an entry in `hosts`"
        )
        wrong.append(Mistake(f"services.{name}.host", f"`{asked.host}`", known))
    if asked.host and app.torrent:
        wrong.append(
            Mistake(
                f"services.{name}.host", f"`{asked.host}`", "nothing: the VPN gateway is elsewhere"
            )
        )
    if wrong:
        raise SettingsInvalid(_file(settings), wrong)


def _stable_uid(name: str) -> int:
    """An id that stays the same whatever other services come and go."""
    return _UIDS[zlib.crc32(name.encode()) % len(_UIDS)]


def _image(settings: StackSettings, name: str, asked: ServiceSettings, app: App) -> ImageReference:
    wanted = ImageReference.parse(asked.image) if asked.image else app.image.reference
    if settings.rehearsal and not wanted.repository.startswith(_REHEARSAL_REGISTRIES):
        return ImageReference(repository=f"{STAND_IN_REPOSITORY}/{app.name}", tag=wanted.tag)
    if not app.published:
        why = "its image is not published yet"
        raise AppRefused(f"services.{name}", app.name, why, "leave it out until its release")
    if wanted.repository.startswith(f"{STAND_IN_REPOSITORY}/"):
        raise StandInRefused(f"services.{name}.image")
    return wanted


def _published(
    settings: StackSettings, name: str, asked: ServiceSettings, app: App, plane: Plane
) -> tuple[PublishedPort, ...]:
    ui = app.port()
    if asked.host_network or app.host_network == "must" or asked.publish == 0:
        return ()
    if asked.publish and (ui is None or plane is Plane.INTERNAL):
        why = "nothing: its plane is `internal`" if ui else "nothing: it has no UI"
        mistake = Mistake(f"services.{name}.publish", f"`{asked.publish}`", why)
        raise SettingsInvalid(_file(settings), [mistake])
    if ui is None or (asked.publish is None and plane is not Plane.USER):
        return ()
    exposure = settings.exposure
    here = settings.hosts[asked.host].address if asked.host else exposure.user_address
    address = here if plane is Plane.USER else exposure.operator_address
    port = asked.publish or ui.number
    return (PublishedPort(address=address, host=port, container=ui.number),)


def _refuse_clashes(settings: StackSettings, services: Iterable[Service]) -> None:
    wanted: dict[tuple[str, str], list[str]] = {}
    for service in services:
        for port in service.published:
            place = (
                f"the host {service.host}".strip(),
                f"{port.address}:{port.host}/{port.protocol}",
            )
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


def _file(settings: StackSettings) -> str:
    return f"Pulumi.{settings.stack}.yaml"
