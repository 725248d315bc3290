"""From a service in its topology to the container that runs it."""

from tame_components.domain.advertising import advertised_environment
from tame_components.domain.app import Kind
from tame_components.domain.app_secrets import Secret, SecretEntry
from tame_components.domain.backup_plan import stop_labels, tool_environment
from tame_components.domain.container import Attachment, Container, PublishedPort
from tame_components.domain.gpu_share import gpu_share
from tame_components.domain.health import Probe
from tame_components.domain.holding import secrets_of
from tame_components.domain.mounting import mounts_of, state_directory
from tame_components.domain.service import Service
from tame_components.domain.topology import HOST, Topology
from tame_components.domain.vpn import gateway_environment


__all__ = ["SEED_SCRIPT", "container_of", "owner_of", "pointer", "reader_of", "state_directory"]

SEED_SCRIPT = "/custom-cont-init.d/50-tame-seed"
"""linuxserver's init runs what lies here (docs.linuxserver.io, general/container-customization)."""


def container_of(topology: Topology, service: Service) -> Container:
    """The container that runs *service*, without the values of its secrets."""
    app, gpu = service.app, gpu_share(topology.settings.gpu if service.gpu else None, service.app)
    return Container(
        name=topology.container_name(service.name),
        service=service.name,
        app=app.name,
        image=str(service.image),
        family=app.image.family,
        plane=service.plane,
        environment=_environment(topology, service) | gpu.environment,
        secret_variables=_secret_variables(topology, service),
        secret_files=tuple(
            sorted(
                held.secret.file
                for held in secrets_of(topology, service)
                if held.secret.enters is not SecretEntry.VARIABLE
            )
        ),
        mounts=mounts_of(topology, service),
        ports=_ports(topology, service),
        attachments=_attachments(topology, service),
        network_mode="host" if service.host_network else "",
        shares=service.through or "",
        labels=_labels(topology, service),
        probe=_probe(topology, service),
        command=_command(topology, service),
        user=_user(topology, service),
        restart="unless-stopped" if app.runs == "always" else "no",
        starts=app.runs == "always",
        stop_grace=app.stop_grace,
        memory_mb=service.memory_mb,
        capabilities=app.capabilities,
        devices=tuple(sorted({*app.devices, *gpu.devices})),
        groups=tuple(sorted({*app.groups, *gpu.groups})),
        gpus=gpu.request,
        runtime=gpu.runtime,
        shm_mb=gpu.shm_mb,
        tmpfs=gpu.tmpfs,
        host=service.host,
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


def reader_of(service: Service, secret: Secret) -> str | None:
    """The user id that has to read the file of *secret*; None: root's init reads it.

    What root reads before it becomes the service's user, root can still read.
    """
    if secret.enters is not SecretEntry.FILE:
        return None
    identity = service.app.identity
    uid = identity.uid if identity.by == "fixed" else service.uid
    return str(uid) if uid else None


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
    for held in secrets_of(topology, service):
        if not held.secret.optional:
            environment |= pointer(held.secret)
    if app.kind is Kind.VPN:
        environment |= gateway_environment(topology, service)
    if app.kind is Kind.BACKUP:
        environment |= tool_environment(topology, service)
    environment |= _addresses(topology, service) | advertised_environment(topology, service)
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


def _secret_variables(topology: Topology, service: Service) -> tuple[str, ...]:
    secrets = [held.secret for held in secrets_of(topology, service)]
    return tuple(sorted(s.variable or "" for s in secrets if s.enters is SecretEntry.VARIABLE))


def _command(topology: Topology, service: Service) -> tuple[str, ...]:
    """The application's own arguments, filled in.

    `{exporter}` is exportarr's word for what it watches; the name of an offer that it needs is
    where it finds that.
    """
    found = {
        metrics.command or ""
        for wire in topology.wires_from(service.name)
        if (metrics := topology.service(wire.target).app.metrics)
    }
    exporter = min(found, default="")
    days = str(topology.settings.watch.retention_days)
    filled = {"{exporter}": exporter, "{retention_days}": days}
    filled |= {f"{{{wire.offer}}}": wire.url for wire in topology.wires_from(service.name)}
    command = service.app.command
    for name, value in filled.items():
        command = tuple(part.replace(name, value) for part in command)
    return command


def _labels(topology: Topology, service: Service) -> dict[str, str]:
    labels = {
        "tame.app": service.app.name,
        "tame.environment": topology.settings.environment.value,
        "tame.plane": service.plane.value,
        "tame.service": service.name,
        "tame.stack": topology.stack,
    }
    hidden = ",".join(_secret_variables(topology, service))
    optional = {"tame.through": service.through, "tame.secret-variables": hidden}
    labels |= stop_labels(topology, service)
    return labels | {label: value for label, value in optional.items() if value}


def _probe(topology: Topology, service: Service) -> Probe | None:
    seconds = topology.settings.probe_interval
    probe = service.app.probe
    if probe is None:
        return None
    return probe.every(seconds) if seconds and not probe.from_image else probe


def _user(topology: Topology, service: Service) -> str:
    identity = topology.settings.identity
    if service.app.docker_socket:
        return f"{service.uid}:{identity.docker_gid}"
    return f"{service.uid}:{identity.gid}" if service.app.identity.by == "user" else ""


def _extra_hosts(topology: Topology, service: Service) -> dict[str, str]:
    calls_host = any(f"//{HOST}:" in wire.url for wire in topology.wires_from(service.name))
    if service.app.kind is Kind.OBSERVABILITY:  # it asks everybody, without a wire to each
        calls_host = calls_host or any(other.host_network for other in topology.services)
    return {HOST: "host-gateway"} if calls_host and not service.through else {}
