"""The VPN gateway and what lives behind it."""

from typing import Any

from tame_components.domain.container import Container
from tame_components.domain.health import Probe
from tests.rules.cases.model import made, offends, on, passes


NO_IPV6 = "net.ipv6.conf.all.disable_ipv6"
IPV6 = {"ipv6_networks": frozenset({"six"})}
DUAL = "10.64.0.2/32,fc00:bbbb:bbbb:bb01::2/128"


def gateway(**fields: Any) -> Container:
    """A VPN gateway."""
    return made("gluetun", **fields)


def behind(app: str, owner: Container, **fields: Any) -> Container:
    """A member of *owner*."""
    return made(app, shares=owner.name, **fields)


def asking(**environment: str) -> Container:
    """A VPN gateway with *environment*."""
    return gateway(environment=environment)


_GATEWAY = gateway()
_NGINX = made("nginx")
_BY_NAME = made("qbittorrent", network_mode=f"container:{_GATEWAY.name}")
_PING = Probe(test=("CMD-SHELL", "ping -c 1 1.1.1.1"), proves="x", source="x")

CASES = (
    offends("torrent-off-vpn", "a network of its own", made("qbittorrent")),
    offends("torrent-off-vpn", "behind what is no VPN", behind("transmission", _NGINX), _NGINX),
    passes("torrent-off-vpn", "a member", behind("qbittorrent", _GATEWAY), _GATEWAY),
    passes("torrent-off-vpn", "it brings its own tunnel", made("transmission-openvpn")),
    offends("open-killswitch", "everything", asking(FIREWALL_OUTBOUND_SUBNETS="0.0.0.0/0")),
    offends("open-killswitch", "no firewall", asking(FIREWALL="off")),
    passes("open-killswitch", "the LAN", asking(FIREWALL_OUTBOUND_SUBNETS="192.168.1.0/24")),
    passes("open-killswitch", "another program's word", made("x", environment={"FIREWALL": "off"})),
    offends("leaky-tunnel", "the LAN's resolver", asking(DNS_ADDRESS="192.168.1.1")),
    offends(
        "leaky-tunnel", "one of two", asking(DNS_UPSTREAM_PLAIN_ADDRESSES="1.1.1.1:53,10.0.0.1:53")
    ),
    offends("leaky-tunnel", "the host's", asking(DNS_KEEP_NAMESERVER="on")),
    offends("leaky-tunnel", "IPv6 beside it", gateway(attachments=on("six")), scope=IPV6),
    passes("leaky-tunnel", "its own resolver", asking(DNS_ADDRESS="127.0.0.1")),
    passes(
        "leaky-tunnel",
        "the provider's, in the tunnel",
        asking(DNS_ADDRESS="10.2.0.1", WIREGUARD_ADDRESSES="10.2.0.2/32"),
    ),
    passes(
        "leaky-tunnel",
        "IPv6 turned off inside",
        gateway(attachments=on("six"), sysctls={NO_IPV6: "1"}),
        scope=IPV6,
    ),
    passes(
        "leaky-tunnel",
        "the tunnel carries IPv6",
        gateway(attachments=on("six"), environment={"WIREGUARD_ADDRESSES": DUAL}),
        scope=IPV6,
    ),
    passes("leaky-tunnel", "no gateway", made("x", environment={"DNS_ADDRESS": "192.168.1.1"})),
    offends("fragile-tunnel", "by name: not replaced with it", _BY_NAME, _GATEWAY),
    offends("fragile-tunnel", "`ping` for the image's own check", gateway(probe=_PING)),
    passes("fragile-tunnel", "by the gateway's id", behind("qbittorrent", _GATEWAY), _GATEWAY),
    passes("fragile-tunnel", "the image's own check", gateway(probe=None)),
    offends("bystander-in-tunnel", "an importer", behind("radarr", _GATEWAY), _GATEWAY),
    offends("bystander-in-tunnel", "an indexer", behind("prowlarr", _GATEWAY), _GATEWAY),
    passes("bystander-in-tunnel", "a client", behind("qbittorrent", _GATEWAY), _GATEWAY),
    passes("bystander-in-tunnel", "no tunnel, but a proxy", behind("radarr", _NGINX), _NGINX),
)
