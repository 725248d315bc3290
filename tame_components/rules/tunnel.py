"""The tunnel's names, addresses and life: nothing goes past it, and its members live with it."""

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import (
    NO_BUSINESS_IN_THE_TUNNEL,
    ON,
    gateway_named,
    is_any,
    is_gateway,
)
from tame_components.rules.model import Finding, Rule, Scope, subject_of


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_RESOLVERS = ("DNS_ADDRESS", "DNS_UPSTREAM_PLAIN_ADDRESSES")
_NO_IPV6 = "net.ipv6.conf.all.disable_ipv6"
_NEARBY = {4: 24, 6: 64}
"""How far the provider's own resolver is from the client's address, in bits of prefix."""


def _leaky_names(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not is_gateway(container):
        return
    for name in _RESOLVERS:
        for text in container.environment.get(name, "").split(","):
            if _outside(text.strip(), container):
                yield (
                    f"`{name}` asks `{text.strip()}` for names, past the tunnel",
                    f"remove `{name}`: the gateway has a resolver of its own, in the tunnel",
                )
    if container.environment.get("DNS_KEEP_NAMESERVER", "").lower() in ON:
        yield "`DNS_KEEP_NAMESERVER` asks the host for names, past the tunnel", "remove it"
    on_ipv6 = {one.network for one in container.attachments} & scope.ipv6_networks
    if on_ipv6 and container.sysctls.get(_NO_IPV6) != "1" and not _dual_stack(container):
        yield (
            f"`{min(on_ipv6)}` gives it an IPv6 address, and the tunnel carries none",
            f"set the sysctl `{_NO_IPV6}=1`, or use a provider's IPv6 address",
        )


def _outside(text: str, gateway: "Container") -> bool:
    """Whether the resolver *text* is one of the home's; the provider's own is in the tunnel."""
    try:
        address = ipaddress.ip_address(_bare(text))
    except ValueError:
        return False
    if not address.is_private or address.is_loopback:
        return False
    nearby = (ipaddress.ip_interface(one) for one in _tunnel_addresses(gateway))
    return not any(
        one.version == address.version
        and address in ipaddress.ip_network((one.ip, _NEARBY[one.version]), strict=False)
        for one in nearby
    )


def _bare(text: str) -> str:
    """*text* without a port."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _tunnel_addresses(gateway: "Container") -> Iterator[str]:
    for text in gateway.environment.get("WIREGUARD_ADDRESSES", "").split(","):
        try:
            yield str(ipaddress.ip_interface(text.strip()))
        except ValueError:
            continue


def _dual_stack(gateway: "Container") -> bool:
    return any(":" in address for address in _tunnel_addresses(gateway))


def _fragile(container: "Container", scope: Scope) -> Iterator[Finding]:
    if is_gateway(container) and container.probe is not None:
        test = " ".join(container.probe.test)
        if any(word.rpartition("/")[2] == "ping" for word in test.split()):
            yield (
                "`ping` replaces the image's own health check",
                "leave the image's: it restarts the tunnel inside, and knows when names fail",
            )
    gateway = gateway_named(container, scope.containers)
    if gateway is None or scope.follows is None or not scope.complete:
        return
    if gateway.name not in scope.follows.get(container.name, frozenset()):
        yield (
            f"it stays behind when `{subject_of(gateway)}` is replaced: nothing ties it there",
            "let `VpnEgress` own it, or take `network_mode` from the gateway's id",
        )


def _bystander(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not is_any(container, NO_BUSINESS_IN_THE_TUNNEL):
        return
    gateway = gateway_named(container, scope.containers)
    if gateway is not None:
        yield (
            f"it lives in the network of `{subject_of(gateway)}`, and goes with every tunnel",
            "put it on the stack's network: only what talks to strangers has to hide",
        )


LEAKY_TUNNEL = Rule(
    id="R20",
    name="leaky-tunnel",
    summary="The VPN gateway asks for names, or speaks IPv6, past the tunnel",
    why="the provider at home sees every tracker's name, or every peer an IPv6 address "
    "(gluetun's wiki; gluetun issue 425)",
    example="environment: {DNS_ADDRESS: 192.168.1.1}",
    instead="no `DNS_ADDRESS`; sysctls: {net.ipv6.conf.all.disable_ipv6: 1}",
    reads=frozenset({"image", "environment", "attachments", "sysctls"}),
    whole_stack=True,
    check=_leaky_names,
)

FRAGILE_TUNNEL = Rule(
    id="R21",
    name="fragile-tunnel",
    summary="What lives behind the VPN gateway does not live and die with it",
    why="after the gateway was replaced its members keep a network that is gone, or cannot start "
    "at all (measured; gluetun issues 641 and 504)",
    example="network_mode: container:gluetun  # and nothing else; healthcheck: ping 1.1.1.1",
    instead="VpnEgress('gluetun', ...)  # Compose: depends_on: {gluetun: {condition: "
    "service_healthy, restart: true}}",
    reads=frozenset({"image", "probe", "network_mode", "shares"}),
    whole_stack=True,
    check=_fragile,
)

BYSTANDER_IN_TUNNEL = Rule(
    id="R22",
    name="bystander-in-tunnel",
    summary="A service that talks to no stranger lives behind the VPN gateway",
    why="one bad tunnel then stops the whole library instead of the downloads alone",
    example="network_mode: container:gluetun  # radarr",
    instead="networks: [media]  # radarr; only qbittorrent joins gluetun",
    reads=frozenset({"image", "network_mode", "shares"}),
    whole_stack=True,
    check=_bystander,
)

RULES = (LEAKY_TUNNEL, FRAGILE_TUNNEL, BYSTANDER_IN_TUNNEL)
