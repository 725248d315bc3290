"""Nothing is published beyond what the topology says, seen by a neighbour of this machine."""

from ipaddress import ip_address
from typing import Any

from tame_components.domain.container import PublishedPort
from tame_components.domain.errors import counted
from tame_components.ops.gate.model import Check, Finding, Scene, failed, inconclusive, passed
from tame_components.ops.gate.namespaces import CannotLook, reachable_from_beside


def _exposure(scene: Scene) -> Finding:
    wanted = {_key(port) for one in scene.topology.services for port in one.published}
    published = _published(scene)
    extra = sorted(
        f"`{service}` publishes `{address}:{port}/{protocol}`"
        for (address, port, protocol), service in published.items()
        if (address, port, protocol) not in wanted
    )
    measured: dict[str, Any] = {
        "published": sorted(":".join(map(str, key[:2])) for key in published),
    }
    if extra:
        return failed("; ".join(extra), **measured)
    if scene.blind:
        return inconclusive(f"as the engine says nothing more is published; {scene.blind}")
    return _from_beside(scene, published, measured)


def _from_beside(
    scene: Scene, published: dict[tuple[str, int, str], str], measured: dict[str, Any]
) -> Finding:
    """The engine's word is not enough: its rules for loopback have had holes (moby#45610)."""
    ports = sorted({port for _, port, protocol in published if protocol == "tcp"})
    open_to_all = {port for address, port, _ in published if not _loopback(address)}
    hosted = {
        port.number
        for service in scene.topology.services
        if service.host_network
        for port in service.app.ports
    }
    inside = _inside(scene)
    try:
        reached = reachable_from_beside(sorted({*ports, *hosted}), sorted(inside), scene.host)
    except CannotLook as error:
        return inconclusive(f"cannot look from beside the machine: {error}", **measured)
    found = [
        f"a neighbour reaches `{inside.get((address, port), f'port {port}')}` at `{address}:{port}`"
        for address, port in reached
        if (address, port) in inside or port not in open_to_all | hosted
    ]
    measured |= {"tried": len(ports) + len(hosted) + len(inside), "reached": len(reached)}
    if found:
        return failed("; ".join(found), **measured)
    return passed(
        f"{counted(measured['tried'], 'port')} tried from beside, {len(reached)} meant", **measured
    )


def _key(port: PublishedPort) -> tuple[str, int, str]:
    return port.address, port.host, port.protocol


def _published(scene: Scene) -> dict[tuple[str, int, str], str]:
    """Everything that the engine publishes for the stack: by address, port and protocol."""
    return {
        (str(port.get("IP", "")), int(port["PublicPort"]), str(port["Type"])): service
        for service, container in scene.containers.items()
        for port in container.get("Ports") or ()
        if "PublicPort" in port
    }


def _inside(scene: Scene) -> dict[tuple[str, int], str]:
    """Where each service listens on the stack's own networks, which a neighbour may not reach."""
    found = {}
    for service in scene.lasting:
        container = scene.containers.get(service.home, {})
        networks = (container.get("NetworkSettings") or {}).get("Networks") or {}
        for network in networks.values():
            for port in service.app.ports:
                if network.get("IPAddress") and port.protocol == "tcp":
                    found[str(network["IPAddress"]), port.number] = service.name
    return found


def _loopback(address: str) -> bool:
    return bool(address) and ip_address(address).is_loopback


CHECK = Check("exposure", "nothing is reachable that the topology does not publish", _exposure)
