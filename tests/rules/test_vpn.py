"""VPN: torrent clients outside the tunnel, open kill switches."""

from typing import Any

import pytest

from tame_components.rules import Scope
from tests.rules.stacks import NET, container, judged, port, stack


MEMBER: dict[str, Any] = {"attachments": (), "network_mode": "container:gluetun"}
SWITCH = "FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("qbittorrent", {}),
        ("transmission", {"network_mode": "host", "attachments": ()}),
        ("deluge", MEMBER | {"attachments": NET}),
        ("qbittorrent", MEMBER | {"ports": (port(8080),)}),
        ("qbittorrent", {"attachments": (), "network_mode": "bridge", "shares": "gluetun"}),
        ("docker-qbittorrent-nox", {}),
    ],
)
def test_a_torrent_client_with_another_way_out_is_an_offence(
    name: str, fields: dict[str, Any]
) -> None:
    """Beside the tunnel it may have no network, and no port of its own."""
    assert judged("torrent-off-vpn", container(name, **fields)).violations


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("qbittorrent", MEMBER),
        ("qbittorrent", {"attachments": (), "shares": "gluetun"}),
        ("sabnzbd", {}),  # Usenet needs no tunnel
        ("transmission-openvpn", {}),  # brings its own
        ("arch-qbittorrentvpn", {}),
        ("qbittorrent-exporter", {}),  # only reads numbers
    ],
)
def test_a_member_of_the_gateway_and_lookalikes_pass(name: str, fields: dict[str, Any]) -> None:
    """Only clients that speak to strangers have to hide."""
    assert not judged("torrent-off-vpn", container(name, **fields)).violations


def test_the_shared_container_must_be_a_vpn_gateway() -> None:
    """Sharing the network of just anything is no tunnel."""
    client = container("qbittorrent", **MEMBER)
    behind_nginx = container("qbittorrent", attachments=(), shares="nginx")
    gateway, nginx = container("gluetun"), container("nginx")

    assert not judged("torrent-off-vpn", client, stack(client, gateway)).violations
    assert judged("torrent-off-vpn", behind_nginx, stack(behind_nginx, nginx)).violations
    assert judged("torrent-off-vpn", client, stack(client, nginx)).violations
    assert not judged("torrent-off-vpn", client, Scope()).violations


@pytest.mark.parametrize(
    "environment",
    [
        {SWITCH: "off"},
        {SWITCH: "OFF"},
        {SWITCH: "'no'"},
        {"FIREWALL": "0"},
        {"VPN_ENABLED": "no"},
        {"FIREWALL_OUTBOUND_SUBNETS": "0.0.0.0/0"},
        {"FIREWALL_OUTBOUND_SUBNETS": "192.168.1.0/24,8.8.8.0/24"},
        {"FIREWALL_OUTBOUND_SUBNETS": "172.16.0.0/8"},  # larger than the private range
        {"FIREWALL_OUTBOUND_SUBNETS": "::/0"},
        {"FIREWALL_OUTBOUND_SUBNETS": "everything"},
    ],
)
def test_a_gateway_that_lets_traffic_past_is_an_offence(environment: dict[str, str]) -> None:
    """Every spelling of off, and every subnet that is not private."""
    assert judged("open-killswitch", container("gluetun", environment=environment)).violations


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("gluetun", {}),
        ("gluetun", {SWITCH: "on"}),
        ("gluetun", {"FIREWALL_OUTBOUND_SUBNETS": "192.168.1.0/24, 10.0.0.0/8,fd00::/8"}),
        ("opnsense-exporter", {"FIREWALL": "off"}),  # somebody else's word
    ],
)
def test_a_closed_gateway_and_other_firewalls_pass(name: str, environment: dict[str, str]) -> None:
    """Private subnets may be reached beside the tunnel."""
    assert not judged("open-killswitch", container(name, environment=environment)).violations


def test_a_client_with_a_vpn_of_its_own_has_its_switch_judged() -> None:
    """`VPN_ENABLED=no` turns binhex's image into an open client."""
    off = container("arch-qbittorrentvpn", environment={"VPN_ENABLED": "no"})
    on = container("arch-qbittorrentvpn", environment={"VPN_ENABLED": "yes"})

    assert judged("open-killswitch", off).violations
    assert not judged("open-killswitch", on).violations
