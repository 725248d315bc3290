"""Torrent traffic leaves through the tunnel, or not at all."""

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import TORRENT_CLIENTS, image_name, is_any, is_gateway
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_CONTAINER = "container:"
_OFF = frozenset({"off", "0", "no", "false", "disabled", "disable", "n", "f"})
_SWITCHES = (
    "FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT",
    "FIREWALL",
    "FIREWALL_ENABLED",
    "VPN_ENABLED",
)
_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
_HINT = "put it behind the stack's VPN gateway"


def _off_vpn(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not is_any(container, TORRENT_CLIENTS):
        return
    shares = container.network_mode.startswith(_CONTAINER) or bool(container.shares)
    elsewhere = container.network_mode and not container.network_mode.startswith(_CONTAINER)
    if elsewhere or not shares:
        yield "a torrent client has a network of its own, not the VPN gateway's", _HINT
        return
    if container.attachments:
        networks = ", ".join(f"`{a.network}`" for a in container.attachments)
        yield f"a torrent client is also on {networks}, past the tunnel", _HINT
    if container.ports:
        yield "a torrent client publishes ports itself", "publish them on the VPN gateway"
    if scope.complete:
        yield from _wrong_gateway(container, scope)


def _wrong_gateway(container: "Container", scope: Scope) -> Iterator[Finding]:
    wanted = container.shares or container.network_mode.removeprefix(_CONTAINER)
    owner = next((c for c in scope.containers if wanted in {c.service, c.name}), None)
    if owner is None:
        yield f"a torrent client shares the network of `{wanted}`, which is not here", _HINT
    elif not is_gateway(owner):
        yield f"a torrent client shares the network of `{wanted}`, which is no VPN gateway", _HINT


def _open_killswitch(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if not (is_gateway(container) or image_name(container.image).endswith("vpn")):
        return
    for name in _SWITCHES:
        if container.environment.get(name, "").strip("'\" ").lower() in _OFF:
            yield f"`{name}` turns the kill switch off", f"remove `{name}`"
    for text in container.environment.get("FIREWALL_OUTBOUND_SUBNETS", "").split(","):
        if text.strip() and not _is_private(text.strip()):
            yield (
                f"`FIREWALL_OUTBOUND_SUBNETS` lets traffic to `{text.strip()}` past the tunnel",
                "list private subnets only, e.g., `192.168.1.0/24`",
            )


def _is_private(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return any(
        network.version == private.version
        and network.network_address in private
        and network.prefixlen >= private.prefixlen
        for private in _PRIVATE
    )


TORRENT_OFF_VPN = Rule(
    id="R18",
    name="torrent-off-vpn",
    summary="A torrent client can reach the internet without the tunnel",
    why="strangers see the home's address; 38 of 78 public stacks do this",
    example="networks: [media]  # qbittorrent",
    instead="network_mode: container:gluetun",
    reads=frozenset({"image", "network_mode", "shares", "attachments", "ports"}),
    whole_stack=True,
    check=_off_vpn,
)

OPEN_KILLSWITCH = Rule(
    id="R19",
    name="open-killswitch",
    summary="The VPN gateway lets traffic past the tunnel",
    why="when the tunnel falls, everything behind it goes on in the open",
    example="environment: {FIREWALL_OUTBOUND_SUBNETS: 0.0.0.0/0}",
    instead="environment: {FIREWALL_OUTBOUND_SUBNETS: 192.168.1.0/24}",
    reads=frozenset({"image", "environment"}),
    adds=frozenset({"environment"}),
    check=_open_killswitch,
)

RULES = (TORRENT_OFF_VPN, OPEN_KILLSWITCH)
