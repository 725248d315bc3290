"""The environment of the VPN gateway, in gluetun's words.

Source: the environment block of gluetun's Dockerfile, and its wiki, at the pinned version.
"""

from collections.abc import Iterator

from tame_components.domain.errors import Mistake
from tame_components.domain.service import Service
from tame_components.domain.settings import VpnSettings
from tame_components.domain.topology import Topology


def gateway_environment(topology: Topology, gateway: Service) -> dict[str, str]:
    """The variables that *gateway* needs beside the catalog's; no secret among them."""
    vpn = topology.settings.vpn
    if vpn is None:  # a gateway without a tunnel never gets into a topology
        return {}
    ports = sorted(
        {str(number) for member in topology.members(gateway.name) for number in _called(member)}
    )
    optional = {
        "SERVER_COUNTRIES": ",".join(vpn.countries),
        "WIREGUARD_ENDPOINT_IP": vpn.endpoint_ip or "",
        "WIREGUARD_ENDPOINT_PORT": str(vpn.endpoint_port or ""),
        "WIREGUARD_PUBLIC_KEY": vpn.public_key or "",
        "FIREWALL_OUTBOUND_SUBNETS": ",".join(vpn.outbound_subnets),
        # The members' UIs, which other services call through the gateway's address.
        "FIREWALL_INPUT_PORTS": ",".join(ports),
        **_forwarding(vpn),
    }
    return {
        "VPN_SERVICE_PROVIDER": vpn.provider,
        "VPN_TYPE": vpn.type,
        "WIREGUARD_ADDRESSES": ",".join(vpn.addresses),
        **{name: value for name, value in optional.items() if value},
    }


def _called(member: Service) -> Iterator[int]:
    """The ports that other services and people call; never the one that strangers call."""
    offered = {offer.port for offer in member.app.offers} | {"ui"}
    return (port.number for port in member.app.ports if port.name in offered)


def missing_facts(vpn: VpnSettings) -> Iterator[Mistake]:
    """What a tunnel of one's own still needs before it can be dialled."""
    if not vpn.addresses:
        yield Mistake("tame:vpn.addresses", "nothing", "the client's addresses in the tunnel")
    if vpn.provider == "custom":
        for key in ("endpoint_ip", "endpoint_port", "public_key"):
            if getattr(vpn, key) is None:
                yield Mistake(f"tame:vpn.{key}", "nothing", "the server's, for provider `custom`")


def _forwarding(vpn: VpnSettings) -> dict[str, str]:
    if not vpn.port_forwarding:
        return {}
    forwarding = {"VPN_PORT_FORWARDING": "on"}
    # Only some of Proton's servers forward (gluetun-wiki, setup/providers/protonvpn).
    return forwarding | ({"PORT_FORWARD_ONLY": "on"} if vpn.provider == "protonvpn" else {})
