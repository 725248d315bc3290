"""The tunnel of a gluetun that Compose runs, in the words of the settings."""

import ipaddress
from collections.abc import Callable, Mapping

from tame_components.compose.carried import Notes, Settings
from tame_components.compose.nodes import Node, Place


TAKEN = frozenset(
    {"VPN_SERVICE_PROVIDER", "VPNSP", "VPN_TYPE", "WIREGUARD_ADDRESSES", "SERVER_COUNTRIES"}
    | {"WIREGUARD_ENDPOINT_IP", "VPN_ENDPOINT_IP", "WIREGUARD_ENDPOINT_PORT", "VPN_ENDPOINT_PORT"}
    | {"WIREGUARD_PUBLIC_KEY", "VPN_PORT_FORWARDING", "PORT_FORWARDING", "PORT_FORWARD_ONLY"}
    | {"FIREWALL_OUTBOUND_SUBNETS", "FIREWALL_INPUT_PORTS"}
)
"""Variables of gluetun that `tame:vpn` says in its own words."""

_WIREGUARD = Node("wireguard", Place("", 1))
_ON = frozenset({"on", "true", "yes", "1", "enabled"})


def tunnel(environment: Mapping[str, Node], service: str, notes: Notes) -> Settings:
    """`tame:vpn`, with a note for each fact that the file does not tell."""

    def text(*names: str) -> str:
        for name in names:
            node = environment.get(name)
            if node is not None and node.text and not node.unknown:
                return node.text
        return ""

    kind = text("VPN_TYPE") or "openvpn"  # gluetun's own default
    if kind.lower() != "wireguard":
        notes.lose(service, f"VPN_TYPE={kind}", "TAME's gateway speaks WireGuard only")
        notes.ask("tame:vpn", "get a WireGuard configuration from the provider")
    provider = text("VPN_SERVICE_PROVIDER", "VPNSP") or "custom"
    found: Settings = {"provider": provider.lower()}
    addresses = _networks(text("WIREGUARD_ADDRESSES"))
    if addresses:
        found["addresses"] = addresses
    else:
        found["addresses"] = ["10.2.0.2/32"]
        notes.ask("tame:vpn.addresses", "the client's addresses in the tunnel")
    if countries := [one.strip() for one in text("SERVER_COUNTRIES").split(",") if one.strip()]:
        found["countries"] = countries
    if found["provider"] == "custom":
        found |= _server(text, notes)
    if text("VPN_PORT_FORWARDING", "PORT_FORWARDING").lower() in _ON:
        found["port_forwarding"] = True
    if subnets := _private(text("FIREWALL_OUTBOUND_SUBNETS"), service, notes):
        found["outbound_subnets"] = subnets
    return found


def _server(text: Callable[..., str], notes: Notes) -> Settings:
    found: Settings = {}
    for key, names, stand_in in (
        ("endpoint_ip", ("WIREGUARD_ENDPOINT_IP", "VPN_ENDPOINT_IP"), "192.0.2.1"),
        ("endpoint_port", ("WIREGUARD_ENDPOINT_PORT", "VPN_ENDPOINT_PORT"), "51820"),
        ("public_key", ("WIREGUARD_PUBLIC_KEY",), "to-be-filled-in"),
    ):
        value = text(*names)
        found[key] = int(value or stand_in) if key == "endpoint_port" else value or stand_in
        if not value:
            notes.ask(f"tame:vpn.{key}", f"the server's; `{stand_in}` stands in its place")
    return found


def missing(notes: Notes) -> Settings:
    """A tunnel with nothing known about it."""
    notes.ask("tame:vpn", "the tunnel that torrents leave through; placeholders stand in it")
    return tunnel({"VPN_TYPE": _WIREGUARD}, "gluetun", notes)


def _networks(text: str) -> list[str]:
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        try:
            ipaddress.ip_interface(part)
        except ValueError:
            continue
        found.append(part)
    return found


def _private(text: str, service: str, notes: Notes) -> list[str]:
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        try:
            network = ipaddress.ip_network(part, strict=False)
        except ValueError:
            network = None
        if network is not None and network.is_private and network.prefixlen:
            found.append(str(network))
        else:
            notes.lose(service, f"FIREWALL_OUTBOUND_SUBNETS={part}", "no private subnet: R19")
    return found
