"""Torrent clients send nothing past the tunnel: tried from inside their namespace, as root.

The datagrams are for addresses that no network routes (RFC 5737, RFC 3849) and for public ones that
gluetun itself must not let out either; a kill switch refuses them before they exist.
"""

from typing import Any

from tame_components.domain.errors import counted
from tame_components.domain.service import Service
from tame_components.ops.gate.model import (
    Check,
    Finding,
    Scene,
    failed,
    inconclusive,
    not_applicable,
    passed,
)
from tame_components.ops.gate.namespaces import CannotLook, tried


_TUNNELS = ("tun", "wg")
"""How gluetun calls its interface (gluetun wiki, VPN_INTERFACE: `tun0` by default)."""
_TARGETS = (("192.0.2.1", 6881), ("198.51.100.1", 53), ("2001:db8::1", 6881))


def _leaks(scene: Scene) -> Finding:
    gateways = [one for one in scene.topology.gateways if not one.host]
    if not gateways:
        return not_applicable("no service lives behind a VPN gateway")
    if scene.blind:
        return inconclusive(scene.blind)
    measured: dict[str, Any] = {}
    wrong = []
    for gateway in gateways:
        for member in scene.topology.members(gateway.name):
            try:
                fault, measured[member.name] = _try(scene, gateway, member)
            except CannotLook as error:
                return inconclusive(f"`{member.name}`: {error}")
            if fault:
                wrong.append(f"`{member.name}` {fault}")
    if wrong:
        return failed("; ".join(wrong), members=measured)
    return passed(
        f"{counted(len(measured), 'service')} tried, nothing leaves past the tunnel",
        members=measured,
    )


def _try(scene: Scene, gateway: Service, member: Service) -> tuple[str | None, dict[str, Any]]:
    pids = [scene.pid(service.name) for service in (gateway, member)]
    if None in pids:
        return "does not run, or its gateway does not", {}
    looked = scene.host.run("readlink", *(f"/proc/{pid}/ns/net" for pid in pids))
    links = looked.stdout.decode().split()
    spaces = set(links)
    if len(links) != len(pids) or len(spaces) != 1:
        # After a restart of the gateway: running, and cut off from everything.
        return f"is not in the namespace of `{gateway.name}`", {"namespaces": sorted(spaces)}
    found = tried("leak", {"pid": pids[1], "tunnels": _TUNNELS, "targets": _TARGETS}, scene.host)
    if not any(name.startswith(_TUNNELS) for name in found["interfaces"]):
        return "has no tunnel", found
    if found["out"]:
        return f"can send past the tunnel: {', '.join(found['out'])}", found
    return None, found


CHECK = Check("tunnel", "nothing leaves past the VPN tunnel", _leaks)
