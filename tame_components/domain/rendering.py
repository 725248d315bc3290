"""From a service in its topology to the container that runs it."""

from pathlib import PurePosixPath

from tame_components.domain.app import DataAccess, Kind, Secret, SecretEntry
from tame_components.domain.container import (
    DOCKER_SOCKET,
    Attachment,
    Container,
    Mount,
    PublishedPort,
)
from tame_components.domain.health import Probe
from tame_components.domain.service import Service
from tame_components.domain.topology import HOST, Topology
from tame_components.domain.vpn import gateway_environment


SEED_SCRIPT = "/custom-cont-init.d/50-tame-seed"
"""linuxserver's init runs what lies here (docs.linuxserver.io, general/container-customization)."""

_UNIX = "unix://"


def container_of(topology: Topology, service: Service) -> Container:
    """The container that runs *service*, without the values of its secrets."""
    app = service.app
    return Container(
        name=topology.container_name(service.name),
        service=service.name,
        app=app.name,
        image=str(service.image),
        family=app.image.family,
        plane=service.plane,
        environment=_environment(topology, service),
        secret_variables=_secret_variables(service),
        secret_files=tuple(
            sorted(s.file for s in app.secrets if s.enters is not SecretEntry.VARIABLE)
        ),
        mounts=_mounts(topology, service),
        ports=_ports(topology, service),
        attachments=_attachments(topology, service),
        network_mode="host" if service.host_network else "",
        shares=service.through or "",
        labels=_labels(topology, service),
        probe=_probe(topology, service),
        command=app.command,
        user=_user(topology, service),
        stop_grace=app.stop_grace,
        memory_mb=service.memory_mb,
        capabilities=app.capabilities,
        devices=app.devices,
        security_options=("no-new-privileges:true",),
        extra_hosts=_extra_hosts(topology, service),
        log_options={"max-file": "3", "max-size": "10m"},
    )


def pointer(secret: Secret) -> dict[str, str]:
    """The variable that tells the application which file holds *secret*, where it needs one."""
    if secret.variable is None or secret.enters not in _BY_FILE:
        return {}
    return {f"{_BY_FILE[secret.enters]}{secret.variable}": secret.file}


_BY_FILE = {SecretEntry.FILE: "", SecretEntry.FILE_VARIABLE: "FILE__"}


def state_directory(topology: Topology, service: Service) -> str | None:
    """Where on the host *service* keeps what would be missed; None where it keeps nothing."""
    if service.app.state is None:
        return None
    return str(PurePosixPath(topology.settings.config_root) / service.name)


def owner_of(topology: Topology, service: Service) -> str:
    """`uid:gid` that the state directory of *service* has to belong to."""
    identity = service.app.identity
    uid = (identity.uid or 0) if identity.by == "fixed" else service.uid
    return f"{uid}:{topology.settings.identity.gid}"


def _environment(topology: Topology, service: Service) -> dict[str, str]:
    app, identity = service.app, topology.settings.identity
    environment = {"TZ": topology.settings.timezone, **app.environment}
    if app.identity.by == "puid-pgid":
        environment |= {"PUID": str(service.uid), "PGID": str(identity.gid)}
    if app.identity.umask:
        environment["UMASK"] = identity.umask
    for secret in app.secrets:
        if not secret.optional:
            environment |= pointer(secret)
    if app.kind is Kind.VPN:
        environment |= gateway_environment(topology, service)
    environment |= _addresses(topology, service)
    return dict(sorted((environment | dict(service.environment)).items()))


def _addresses(topology: Topology, service: Service) -> dict[str, str]:
    """Variables that tell the application where others are, in the order of the services."""
    found: dict[str, list[str]] = {}
    for need in service.app.needs:
        for wire in topology.wires_from(service.name):
            if need.variable and wire.offer == need.offer:
                host, _, port = wire.url.rpartition("//")[2].rpartition(":")
                value = need.value.format(url=wire.url, host=host, port=port)
                found.setdefault(need.variable, []).append(value)
    return {variable: ",".join(values) for variable, values in found.items()}


def _mounts(topology: Topology, service: Service) -> tuple[Mount, ...]:
    app, mounts = service.app, []
    directory = state_directory(topology, service)
    if app.state and directory:
        mounts.append(Mount.state(directory, app.state.directory))
    if app.data is not DataAccess.NONE:
        read_only = app.data is DataAccess.READ and topology.data.read_only_players
        mounts.append(Mount.data(topology.data.root, read_only=read_only))
    if app.docker_socket:
        engine = topology.settings.engine
        source = engine.removeprefix(_UNIX) if engine.startswith(_UNIX) else DOCKER_SOCKET
        mounts.append(Mount.docker_socket(source))
    return tuple(sorted(mounts, key=lambda mount: mount.target))


def _ports(topology: Topology, service: Service) -> tuple[PublishedPort, ...]:
    """What the container publishes: a gateway does it for its members, a member for nobody."""
    if service.through:
        return ()
    members = topology.members(service.name)
    return tuple(port for one in (service, *members) for port in one.published)


def _attachments(topology: Topology, service: Service) -> tuple[Attachment, ...]:
    if service.through or service.host_network:
        return ()
    names = sorted(network.name for network in topology.networks_of(service))
    return tuple(Attachment(network=name, aliases=(service.name,)) for name in names)


def _secret_variables(service: Service) -> tuple[str, ...]:
    secrets = service.app.secrets
    return tuple(sorted(s.variable or "" for s in secrets if s.enters is SecretEntry.VARIABLE))


def _labels(topology: Topology, service: Service) -> dict[str, str]:
    labels = {
        "tame.app": service.app.name,
        "tame.environment": topology.settings.environment.value,
        "tame.plane": service.plane.value,
        "tame.service": service.name,
        "tame.stack": topology.stack,
    }
    hidden = ",".join(_secret_variables(service))
    optional = {"tame.through": service.through, "tame.secret-variables": hidden}
    return labels | {label: value for label, value in optional.items() if value}


def _probe(topology: Topology, service: Service) -> Probe:
    seconds = topology.settings.probe_interval
    probe = service.app.probe
    return probe.every(seconds) if seconds and not probe.from_image else probe


def _user(topology: Topology, service: Service) -> str:
    identity = topology.settings.identity
    if service.app.docker_socket:
        return f"{service.uid}:{identity.docker_gid}"
    return f"{service.uid}:{identity.gid}" if service.app.identity.by == "user" else ""


def _extra_hosts(topology: Topology, service: Service) -> dict[str, str]:
    calls_host = any(f"//{HOST}:" in wire.url for wire in topology.wires_from(service.name))
    return {HOST: "host-gateway"} if calls_host and not service.through else {}
