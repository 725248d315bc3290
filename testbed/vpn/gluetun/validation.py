"""What gluetun refuses once its firewall is up, in its order and its words."""

import base64
import binascii
import re
from typing import Final

from testbed.vpn.gluetun.reading import Reader, SettingError
from testbed.vpn.gluetun.settings import Settings, Tunnel


_VPN_TYPES: Final = ("amneziawg", "openvpn", "wireguard")
_PROVIDERS: Final = (
    *("airvpn", "custom", "fastestvpn", "ivpn", "mullvad"),
    *("nordvpn", "protonvpn", "surfshark", "windscribe"),
)
_HERE: Final = ("custom", "protonvpn")
_KEY_BYTES: Final = 32


def validate(settings: Settings, reader: Reader, *, ipv6: bool) -> None:
    """Refuses settings that can be read and make no sense.

    Raises:
        SettingError: In gluetun's words.
    """
    if any(port == 0 for port in settings.firewall.vpn_input_ports):
        raise SettingError("firewall settings: VPN input ports: cannot have a zero port")
    if any(port == 0 for port in settings.firewall.input_ports):
        raise SettingError("firewall settings: input ports: cannot have a zero port")
    for subnet in settings.firewall.outbound_subnets:
        if subnet.network_address.is_unspecified:
            raise SettingError(
                f"firewall settings: outbound subnet has an unspecified address: {subnet}"
            )
    reader.one_of(
        "HEALTH_SMALL_CHECK_TYPE",
        "icmp",
        ("icmp", "dns"),
        "health settings: small check type is not valid",
    )
    reader.one_of(
        "DNS_UPSTREAM_RESOLVER_TYPE",
        "dot",
        ("dot", "doh", "plain"),
        "DNS settings: DNS upstream type is not valid",
    )
    _validate_vpn(settings, reader)
    _validate_wireguard(settings.tunnel, ipv6=ipv6)


def _validate_vpn(settings: Settings, reader: Reader) -> None:
    kind = reader.one_of("VPN_TYPE", "openvpn", _VPN_TYPES, "VPN settings: VPN type is not valid")
    if kind != "wireguard":
        raise SettingError(f"this stand-in has no {kind}: set VPN_TYPE=wireguard")
    if settings.provider not in _PROVIDERS:
        raise SettingError(
            "VPN settings: provider settings: VPN provider name is not valid for wireguard: "
            "value is not one of the possible choices: "
            f"{settings.provider} must be one of {', '.join(_PROVIDERS)}"
        )
    if settings.provider not in _HERE:
        raise SettingError(f"this stand-in has no servers of {settings.provider}: {_HERE} only")
    if settings.forwarding.enabled:
        forwarder = reader.text("VPN_PORT_FORWARDING_PROVIDER", settings.provider).lower()
        if forwarder != "protonvpn":
            raise SettingError(
                "VPN settings: provider settings: port forwarding: port forwarding cannot be "
                f"enabled: value is not one of the possible choices: {forwarder} must be one of "
                "perfect privacy, private internet access, privatevpn or protonvpn"
            )


def _validate_wireguard(tunnel: Tunnel, *, ipv6: bool) -> None:
    selection = "VPN settings: provider settings: server selection: Wireguard server selection"
    for value, problem in (
        (tunnel.endpoint_ip, "endpoint IP is not set"),
        (tunnel.endpoint_port, "endpoint port is not set"),
        (tunnel.public_key, "public key is not set"),
    ):
        if not value:
            raise SettingError(f"{selection} settings: {problem}")
    _key(tunnel.public_key, f"{selection} settings: public key is not valid")
    ours = "VPN settings: Wireguard settings"
    if not tunnel.private_key:
        raise SettingError(f"{ours}: private key is not set")
    _key(tunnel.private_key, f"{ours}: private key is not valid")
    if tunnel.preshared_key:
        _key(tunnel.preshared_key, f"{ours}: pre-shared key is not valid")
    if all(address.version != 4 for address in tunnel.addresses):  # noqa: PLR2004 - same
        raise SettingError(f"{ours}: interface address is not set")
    for address in tunnel.addresses:
        if address.version != 4 and not ipv6:  # noqa: PLR2004 - the protocol's number
            raise SettingError(
                f"{ours}: interface address is IPv6 but IPv6 is not supported: address {address}"
            )
    if not re.fullmatch(r"[a-zA-Z0-9_]+", tunnel.interface):
        raise SettingError(f"{ours}: interface name is not valid: '{tunnel.interface}'")


def _key(value: str, problem: str) -> None:
    """Refuses what is no key; never repeats the value."""
    try:
        size = len(base64.b64decode(value, validate=True))
    except binascii.Error as error:
        raise SettingError(f"{problem}: wgtypes: failed to parse base64-encoded key") from error
    if size != _KEY_BYTES:
        raise SettingError(f"{problem}: wgtypes: incorrect key size: {size}")
