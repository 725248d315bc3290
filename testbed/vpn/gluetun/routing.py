"""Which networks this container is on, and gluetun's policy routes."""

import ipaddress
from dataclasses import dataclass
from typing import Final

from testbed.vpn.gluetun.commands import CommandError, listed, log, run
from testbed.vpn.gluetun.reading import Network


_LOCAL_PRIORITY: Final = "98"
_OUTBOUND_TABLE, _OUTBOUND_PRIORITY = "199", "99"
_INBOUND_TABLE, _INBOUND_PRIORITY = "200", "100"
MARK: Final = "51820"
"""WireGuard's own packets carry it; it is also the number of the tunnel's table."""
_TUNNEL_PRIORITY: Final = "101"


class RoutingError(Exception):
    """The container has no network that a tunnel could leave through."""


@dataclass(frozen=True, slots=True)
class LocalNetwork:
    """A network that the container is attached to."""

    interface: str
    address: str
    subnet: Network


@dataclass(frozen=True, slots=True)
class DefaultRoute:
    """A way out that is not the tunnel."""

    interface: str
    gateway: str
    address: str
    version: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the container stands, read once at start as gluetun does."""

    networks: tuple[LocalNetwork, ...]
    defaults: tuple[DefaultRoute, ...]

    @property
    def ipv6(self) -> bool:
        """Whether addresses of IPv6 can be used at all."""
        return any(route.version == 6 for route in self.defaults)  # noqa: PLR2004 - the protocol


def look() -> Surroundings:
    """The ethernet interfaces, their subnets and the default routes.

    Raises:
        RoutingError: There is none.
    """
    links = {row["ifname"] for row in listed("link") if row.get("link_type") == "ether"}
    networks: list[LocalNetwork] = []
    defaults: list[DefaultRoute] = []
    for version in (4, 6):
        addresses = _addresses(version)
        for route in listed(f"-{version}", "route", "show", "table", "main"):
            interface = route.get("dev", "")
            address = addresses.get(interface)
            if interface not in links or address is None:
                continue
            if route["dst"] == "default":
                gateway = route.get("gateway", "")
                defaults.append(DefaultRoute(interface, gateway, address, version))
            elif "gateway" not in route:
                subnet = ipaddress.ip_network(route["dst"])
                networks.append(LocalNetwork(interface, address, subnet))
    if not any(route.version == 4 for route in defaults):  # noqa: PLR2004 - the protocol's number
        raise RoutingError("default route not found: in the main table")
    return Surroundings(tuple(networks), tuple(defaults))


def _addresses(version: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for link in listed(f"-{version}", "address"):
        for entry in link.get("addr_info", ()):
            found.setdefault(link["ifname"], entry["local"])
    return found


def setup(around: Surroundings, outbound: tuple[Network, ...]) -> None:
    """Answers leave where the question came in; local and outbound subnets avoid the tunnel."""
    for route in around.defaults:
        if not route.gateway:
            continue
        family = f"-{route.version}"
        _rule(family, "from", route.address, _INBOUND_TABLE, _INBOUND_PRIORITY)
        _route(family, "default", route, _INBOUND_TABLE)
        for subnet in outbound:
            if subnet.version == route.version:
                _route(family, str(subnet), route, _OUTBOUND_TABLE)
                _rule(family, "to", str(subnet), _OUTBOUND_TABLE, _OUTBOUND_PRIORITY)
    for network in around.networks:
        _rule(f"-{network.subnet.version}", "to", str(network.subnet), "main", _LOCAL_PRIORITY)


def _route(family: str, destination: str, route: DefaultRoute, table: str) -> None:
    via = ("via", route.gateway, "dev", route.interface, "table", table)
    run("ip", family, "route", "replace", destination, *via)


def _rule(family: str, direction: str, prefix: str, table: str, priority: str) -> None:
    rule = (direction, prefix, "lookup", table, "priority", priority)
    for _ in range(2):  # a restart in the same namespace finds its own rules
        try:
            run("ip", family, "rule", "del", *rule)
        except CommandError:
            break
    run("ip", family, "rule", "add", *rule)


def through_tunnel(interface: str, *, ipv6: bool) -> None:
    """Everything without WireGuard's mark goes to the tunnel's table, and never past it.

    The device's routes go a moment before its address does; what a member sends on an open
    connection would leave beside the tunnel then, as the firewall lets answers pass. (gluetun has
    that moment.)
    """
    for family in ("-4", "-6") if ipv6 else ("-4",):
        try:
            run("ip", family, "route", "replace", "unreachable", "default", *_LAST_RESORT)
            run("ip", family, "route", "replace", "default", "dev", interface, "table", MARK)
        except CommandError as error:
            if family == "-4":
                raise
            log("ERROR", f"cannot add route for IPv6; ignoring: {error}", "wireguard")
        away_from_tunnel(family)
        run("ip", family, "rule", "add", *_TUNNEL_RULE)


_LAST_RESORT: Final = ("table", MARK, "metric", "4096")
_TUNNEL_RULE: Final = ("not", "fwmark", MARK, "lookup", MARK, "priority", _TUNNEL_PRIORITY)


def away_from_tunnel(*families: str) -> None:
    """Takes the tunnel's rule out again, if it is there."""
    for family in families or ("-4", "-6"):
        try:
            run("ip", family, "rule", "del", *_TUNNEL_RULE)
        except CommandError:
            continue
