"""A stack on several machines: what meets, and under which address."""

from typing import Any

import pytest

from tame_components.domain.errors import SettingsInvalid, WireUnreachable
from tame_components.domain.rendering import container_of
from tests.harness import stacks


HOSTS = stacks.OTHER_HOST


def test_a_service_elsewhere_has_a_network_and_an_engine_of_its_own() -> None:
    """One line of settings moves a service; the bridge of the other machine is its own."""
    services = {"radarr": {}, "jellyfin": {"host": "gpu-box"}}
    topology = stacks.topology(services=services, vpn=None, hosts=HOSTS)
    container = container_of(topology, topology.service("jellyfin"))

    assert container.host == "gpu-box"
    assert {(n.name, n.host): n.members for n in topology.networks} == {
        ("test-net", ""): ("radarr",),
        ("test-net", "gpu-box"): ("jellyfin",),
    }


def test_other_machines_are_reached_where_they_publish() -> None:
    """Names end at the machine: a wire across goes to the address and the published port."""
    services = {"radarr": {}, "jellyfin": {"host": "gpu-box", "publish": 8097}}
    exposure = {"user_address": "192.168.1.8"}
    topology = stacks.topology(services=services, vpn=None, hosts=HOSTS, exposure=exposure)

    assert topology.url("radarr", "jellyfin") == "http://192.168.1.9:8097"


def test_what_other_machines_call_is_published_for_them_alone() -> None:
    """A wire across machines opens its port at the address that they share, and no link to it."""
    services = {"overseerr": {"host": "gpu-box"}, "radarr": {}}
    exposure = {"machines_address": "10.9.0.1"}
    topology = stacks.topology(services=services, vpn=None, hosts=HOSTS, exposure=exposure)
    radarr = topology.service("radarr")

    assert topology.url("overseerr", "radarr") == "http://10.9.0.1:7878"
    assert [(p.address, p.host, p.audience) for p in radarr.published] == [
        ("10.9.0.1", 7878, "machines")
    ]
    assert "radarr" not in topology.links


@pytest.mark.parametrize(
    ("calls", "elsewhere", "opened"),
    [(["radarr"], {"uses": ["sabnzbd"]}, [9696]), (["sonarr"], {}, [])],
    ids=["called", "not called"],
)
def test_a_call_back_across_machines_follows_who_calls(
    calls: list[str], elsewhere: dict[str, Any], opened: list[int]
) -> None:
    """Radarr calls Prowlarr back where Prowlarr calls it, whatever Radarr's own `uses` says."""
    services = {
        "prowlarr": {"uses": calls},
        "radarr": {"host": "gpu-box", **elsewhere},
        "sabnzbd": {"host": "gpu-box"},
        "sonarr": {},
    }
    exposure = {"machines_address": "10.9.0.1"}
    topology = stacks.topology(services=services, vpn=None, hosts=HOSTS, exposure=exposure)

    assert [port.host for port in topology.service("prowlarr").published] == opened


def test_a_wire_to_a_port_that_nobody_publishes_is_refused() -> None:
    """Without a shared address nothing is opened, and that is said before anything is made."""
    services = {"overseerr": {"host": "gpu-box"}, "radarr": {}}
    with pytest.raises(WireUnreachable, match="machines_address"):
        stacks.topology(services=services, vpn=None, hosts=HOSTS)


@pytest.mark.parametrize(
    ("services", "why"),
    [
        ({"radarr": {"host": "nowhere"}}, "one of `hosts`"),
        ({"gluetun": {}, "qbittorrent": {"host": "gpu-box"}}, "VPN gateway is elsewhere"),
    ],
)
def test_a_machine_that_cannot_be_is_refused(services: dict[str, object], why: str) -> None:
    """A name that nobody described, or a torrent client away from its tunnel."""
    with pytest.raises(SettingsInvalid, match=why):
        stacks.topology(services=services, hosts=HOSTS)
