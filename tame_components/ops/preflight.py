"""Everything that would stop a deployment half-way, found before anything changes."""

import errno
import ipaddress
import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tame_components.domain.container import Container, PublishedPort
from tame_components.domain.errors import HostConflicts, StandInRefused
from tame_components.domain.rendering import container_of, state_directory
from tame_components.domain.topology import Topology
from tame_components.ops.engine import connect, refusal
from tame_components.ops.premises import conflicts_of
from tame_components.ops.support import unsupported


if TYPE_CHECKING:
    import docker


@dataclass(frozen=True, slots=True)
class Host:
    """What the engine has, in the engine's own words."""

    containers: list[dict[str, Any]]
    networks: list[dict[str, Any]]
    images: dict[str, dict[str, Any]]
    """By each of their references."""


def preflight(topology: Topology) -> None:
    """Check the machine and its Docker engine against *topology*; change nothing.

    Raises:
        EngineUnreachable: no Docker engine answers.
        DataRootUnmarked: the data tree is not there; most likely its disk is not mounted.
        FileSystemMissing: a file system that has to be mounted is not.
        StandInRefused: the stack is no rehearsal, and an image is a stand-in.
        HostConflicts: names, ports, subnets, images or file systems in the way, all at once.
    """
    client = connect(topology.settings.engine)
    local = topology.settings.local
    premises = conflicts_of(topology)
    host = _look(client)
    containers = [container_of(topology, service) for service in topology.services]
    _refuse_stand_ins(topology, host)
    conflicts = [
        *unsupported(topology, client.info(), str(client.version()["ApiVersion"])),
        *_names(topology, host),
        *_networks(topology, host),
        *_ports(topology, host, containers, local=local),
        *_images(topology, host, client),
        *_states(topology, host),
        *premises,
    ]
    if conflicts:
        raise HostConflicts(conflicts)


def _look(client: "docker.APIClient") -> Host:
    images = {
        reference: image
        for image in client.images()
        for reference in [*(image["RepoTags"] or ()), *(image["RepoDigests"] or ())]
    }
    return Host(client.containers(all=True), client.networks(), images)


def _is_ours(topology: Topology, labels: Mapping[str, str] | None) -> bool:
    return (labels or {}).get("tame.stack") == topology.stack


def _names(topology: Topology, host: Host) -> Iterator[str]:
    wanted = {f"/{topology.container_name(service.name)}" for service in topology.services}
    for container in host.containers:
        taken = wanted & set(container["Names"])
        if taken and not _is_ours(topology, container["Labels"]):
            yield f"name: a container that is not the stack's is called `{taken.pop()[1:]}`"


def _networks(topology: Topology, host: Host) -> Iterator[str]:
    existing = {network["Name"]: network for network in host.networks}
    for fact in topology.networks:
        found = existing.get(fact.name)
        if found and not _is_ours(topology, found["Labels"]):
            yield f"name: a network that is not the stack's is called `{fact.name}`"
        if fact.subnet:
            yield from _overlaps(fact.name, fact.subnet, host)


def _overlaps(name: str, subnet: str, host: Host) -> Iterator[str]:
    wanted = ipaddress.ip_network(subnet)
    for network in host.networks:
        for config in (network["IPAM"] or {}).get("Config") or ():
            other = ipaddress.ip_network(config.get("Subnet", "0.0.0.0/32"))
            same_version = other.version == wanted.version
            if network["Name"] != name and same_version and other.overlaps(wanted):
                yield f"subnet: `{subnet}` overlaps `{other}` of the network `{network['Name']}`"


def _ports(
    topology: Topology, host: Host, containers: list[Container], *, local: bool
) -> Iterator[str]:
    ours: set[tuple[int, str]] = set()
    theirs: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for container in host.containers:
        for port in container["Ports"]:
            if "PublicPort" in port:
                key = (port["PublicPort"], port["Type"])
                if _is_ours(topology, container["Labels"]):
                    ours.add(key)
                else:
                    taken = (port.get("IP", ""), container["Names"][0][1:])
                    theirs.setdefault(key, []).append(taken)
    for wanted in (port for one in containers for port in one.ports):
        key = (wanted.host, wanted.protocol)
        holders = [name for address, name in theirs.get(key, ()) if _meet(address, wanted.address)]
        if holders:
            yield f"port: `{wanted.host}` is published by `{holders[0]}`"
        elif local and key not in ours:
            yield from _occupied(wanted)


def _meet(one: str, other: str) -> bool:
    """Whether two listening addresses get in each other's way."""
    everywhere = {"", "0.0.0.0", "::"}  # noqa: S104 - compared, not listened on
    return one == other or one in everywhere or other in everywhere


def _occupied(port: PublishedPort) -> Iterator[str]:
    """Whether a program of this machine listens there already."""
    family = socket.AF_INET6 if ":" in port.address else socket.AF_INET
    kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.address, port.host))
        except PermissionError:
            return  # below 1024 and not root: the engine may, we cannot tell
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                yield f"address: this machine has no `{port.address}` to publish `{port.host}` on"
            else:
                yield f"port: `{port.address}:{port.host}` is in use by a program of this machine"


def _refuse_stand_ins(topology: Topology, host: Host) -> None:
    for service in topology.services:
        labels = host.images.get(service.image.familiar, {}).get("Labels") or {}
        if "tame.stand-in" in labels and not topology.settings.rehearsal:
            raise StandInRefused(str(service.image))


def _images(topology: Topology, host: Host, client: "docker.APIClient") -> Iterator[str]:
    missing = sorted(
        {str(s.image) for s in topology.services if s.image.familiar not in host.images}
    )
    with ThreadPoolExecutor(max_workers=8) as pool:
        reasons = pool.map(lambda reference: _pullable(client, reference), missing)
        for reference, why in zip(missing, reasons, strict=True):
            if why:
                yield f"image: `{reference}` is not here and cannot be pulled: {why}"


def _pullable(client: "docker.APIClient", reference: str) -> str | None:
    """Ask the registry through the engine, which knows its mirrors and logins."""
    import docker  # noqa: PLC0415 - see ops.engine

    try:
        client.inspect_distribution(reference)  # type: ignore[no-untyped-call] # stubs lack it
    except docker.errors.DockerException as error:
        return refusal(error)
    return None


def _states(topology: Topology, host: Host) -> Iterator[str]:
    """Two programs that write to one database spoil it, and the old stack may still run."""
    wanted = {
        directory: service.name
        for service in topology.services
        if not service.host and (directory := state_directory(topology, service))
    }
    for container in host.containers:
        if container.get("State") != "running" or _is_ours(topology, container["Labels"]):
            continue
        for mount in container.get("Mounts") or ():
            if mount.get("RW") and (service := wanted.get(mount.get("Source", ""))):
                name = container["Names"][0][1:]
                yield f"state: `{name}` runs and writes to the state of `{service}`: stop it first"
