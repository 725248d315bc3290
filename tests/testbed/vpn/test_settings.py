"""The stand-in of gluetun refuses what gluetun refuses, and says so in its words."""

import base64
from pathlib import Path

import pytest

from testbed.vpn.gluetun import publicip, settings, validation
from testbed.vpn.gluetun.reading import Reader, SettingError


_KEY = base64.b64encode(bytes(range(32))).decode()
_GOOD = {
    "VPN_SERVICE_PROVIDER": "custom",
    "VPN_TYPE": "wireguard",
    "WIREGUARD_PRIVATE_KEY": _KEY,
    "WIREGUARD_PUBLIC_KEY": _KEY,
    "WIREGUARD_ADDRESSES": "10.2.0.2/32",
    "WIREGUARD_ENDPOINT_IP": "198.18.53.1",
    "WIREGUARD_ENDPOINT_PORT": "51820",
}


def _told(tmp_path: Path, **changed: str) -> settings.Settings:
    reader = Reader({**_GOOD, **changed}, secrets=tmp_path)
    told = settings.read(reader)
    validation.validate(told, reader, ipv6=False)
    publicip.validate(told.publicip_apis)
    return told


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"VPN_TYPE": "ipsec"}, "VPN type is not valid: value is not one of the possible choices"),
        ({"VPN_TYPE": "openvpn"}, "this stand-in has no openvpn"),
        ({"VPN_SERVICE_PROVIDER": "acme"}, "VPN provider name is not valid for wireguard"),
        ({"VPN_SERVICE_PROVIDER": "mullvad"}, "this stand-in has no servers of mullvad"),
        ({"VPN_SERVICE_PROVIDER": "protonvpn"}, "endpoint port is set"),
        ({"WIREGUARD_PRIVATE_KEY": ""}, "Wireguard settings: private key is not set"),
        ({"WIREGUARD_PRIVATE_KEY": "c2hvcnQ="}, "incorrect key size: 5"),
        ({"WIREGUARD_PUBLIC_KEY": ""}, "public key is not set"),
        ({"WIREGUARD_ADDRESSES": ""}, "interface address is not set"),
        ({"WIREGUARD_ADDRESSES": "10.2.0.2,fd00::2/128"}, "IPv6 but IPv6 is not supported"),
        ({"WIREGUARD_ENDPOINT_IP": "vpn.example.org"}, "WIREGUARD_ENDPOINT_IP"),
        ({"WIREGUARD_ENDPOINT_PORT": "70000"}, "value out of range"),
        ({"FIREWALL_INPUT_PORTS": "0"}, "input ports: cannot have a zero port"),
        ({"FIREWALL_OUTBOUND_SUBNETS": "0.0.0.0/0"}, "has an unspecified address"),
        ({"FIREWALL_OUTBOUND_SUBNETS": "lan"}, "FIREWALL_OUTBOUND_SUBNETS"),
        ({"HEALTH_RESTART_VPN": "maybe"}, "HEALTH_RESTART_VPN: value is not valid for a boolean"),
        ({"HEALTH_SMALL_CHECK_TYPE": "http"}, "small check type is not valid"),
        ({"DNS_UPSTREAM_RESOLVER_TYPE": "udp"}, "DNS upstream type is not valid"),
        ({"VPN_PORT_FORWARDING": "on"}, "port forwarding cannot be enabled"),
        ({"PUBLICIP_API": "myip"}, "API name is not valid"),
    ],
)
def test_a_setting_that_gluetun_refuses_is_refused(
    tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    """Each wrong value stops the container, with text that names it."""
    with pytest.raises(SettingError) as raised:
        _told(tmp_path, **changed)

    assert words in str(raised.value)


def test_a_key_that_is_refused_is_not_repeated(tmp_path: Path) -> None:
    """A wrong private key may still be a secret: no error text holds it."""
    with pytest.raises(SettingError) as raised:
        _told(tmp_path, WIREGUARD_PRIVATE_KEY="not-a-key-but-secret")

    assert "not-a-key-but-secret" not in str(raised.value)


def test_a_secret_file_wins_over_the_environment(tmp_path: Path) -> None:
    """`/run/secrets/wireguard_private_key` is used, whatever the environment says."""
    other = base64.b64encode(bytes(32)).decode()
    (tmp_path / "wireguard_private_key").write_text(f"{other}\n")

    assert other == _told(tmp_path).tunnel.private_key


def test_a_named_secret_file_wins_over_the_usual_one(tmp_path: Path) -> None:
    """`WIREGUARD_PRIVATE_KEY_SECRETFILE` moves the file."""
    other = base64.b64encode(bytes(32)).decode()
    (tmp_path / "elsewhere").write_text(other)
    told = _told(tmp_path, WIREGUARD_PRIVATE_KEY_SECRETFILE=str(tmp_path / "elsewhere"))

    assert other == told.tunnel.private_key


def test_protonvpn_has_its_default_address_and_a_server_of_the_list(tmp_path: Path) -> None:
    """With protonvpn the endpoint comes from the list of servers, and the address is 10.2.0.2."""
    told = _told(
        tmp_path,
        VPN_SERVICE_PROVIDER="protonvpn",
        WIREGUARD_ADDRESSES="",
        WIREGUARD_ENDPOINT_IP="",
        WIREGUARD_ENDPOINT_PORT="",
        TAME_STANDIN_SERVERS=f"198.18.53.1:51820:{_KEY}",
        VPN_PORT_FORWARDING="on",
    ).tunnel

    assert (told.endpoint_ip, told.endpoint_port, told.public_key) == ("198.18.53.1", 51820, _KEY)
    assert [str(address) for address in told.addresses] == ["10.2.0.2/32"]
