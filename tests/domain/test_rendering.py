"""From a service to its container."""

from typing import Any

import pytest

from tame_components.domain.container import Container
from tame_components.domain.rendering import container_of
from tests.harness import stacks


def container(name: str, **changes: Any) -> Container:
    """The container of *name* in a full stack with *changes*."""
    topology = stacks.topology(**changes)
    return container_of(topology, topology.service(name))


@pytest.mark.parametrize("name", ["radarr", "sonarr", "qbittorrent", "sabnzbd", "bazarr"])
def test_whoever_writes_media_has_the_one_tree_whole(name: str) -> None:
    """Doctrine R05: one mount, so that a link from download to library is possible."""
    mounts = {mount.target: mount for mount in container(name).mounts}

    assert mounts["/data"].source == "/srv/data"
    assert not mounts["/data"].read_only
    assert set(mounts) == {"/data", "/config"}
    assert mounts["/config"].source == f"/srv/config/{name}"


@pytest.mark.parametrize("name", ["plex", "jellyfin"])
def test_a_player_cannot_delete_from_the_library(name: str) -> None:
    """Doctrine R08, unless a setting says otherwise."""
    data = {"root": "/srv/data", "read_only_players": False}

    assert {m.target: m for m in container(name).mounts}["/data"].read_only
    assert not {m.target: m for m in container(name, data=data).mounts}["/data"].read_only


def test_a_member_has_no_network_of_its_own() -> None:
    """Doctrine R18: a torrent client is where its gateway is, and publishes nothing."""
    member = container("qbittorrent")

    assert member.shares == "gluetun"
    assert member.attachments == ()
    assert member.ports == ()
    assert member.labels["tame.through"] == "gluetun"


def test_a_gateway_publishes_for_its_members() -> None:
    """Docker refuses ports on a container in another one's namespace; the gateway has them."""
    services = {"gluetun": {}, "qbittorrent": {"publish": 18080}}
    topology = stacks.topology(services=services)
    gateway = container_of(topology, topology.service("gluetun"))

    assert [(p.address, p.host, p.container) for p in gateway.ports] == [("127.0.0.1", 18080, 8080)]


def test_a_gateway_lets_callers_in_and_strangers_stay_out() -> None:
    """The UI's port is open to the bridge, the BitTorrent port is not."""
    assert container("gluetun").environment["FIREWALL_INPUT_PORTS"] == "8080"


def test_secrets_are_named_and_not_valued() -> None:
    """A plain fact says where a secret enters, never what it is."""
    radarr = container("radarr")

    assert radarr.environment["FILE__RADARR__AUTH__APIKEY"] == "/run/secrets/api-key"
    assert radarr.secret_files == ("/run/secrets/api-key",)


def test_only_the_proxy_sees_the_docker_socket() -> None:
    """Doctrine R12, and read-only (R11)."""
    topology = stacks.topology()
    seeing = {
        service.name: mount
        for service in topology.services
        for mount in container_of(topology, service).mounts
        if mount.target.endswith("docker.sock")
    }

    assert set(seeing) == {"socket-proxy"}
    assert seeing["socket-proxy"].read_only
    assert seeing["socket-proxy"].source == "/run/none.sock"


def test_users_of_the_proxy_are_told_where_it_is() -> None:
    """The address is derived, not typed into the catalog."""
    assert "tcp://socket-proxy:2375" in container("dozzle").environment.values()


def test_a_service_that_calls_the_host_can_name_it() -> None:
    """`host.docker.internal` resolves where somebody needs it, and nowhere else."""
    services = {"plex": {"host_network": True}, "radarr": {}, "sabnzbd": {}}
    topology = stacks.topology(services=services)
    hosts = {s.name: container_of(topology, s).extra_hosts for s in topology.services}

    assert hosts["radarr"] == {"host.docker.internal": "host-gateway"}
    assert hosts["sabnzbd"] == {}


def test_databases_have_time_to_close() -> None:
    """Doctrine R32: Docker's ten seconds are too few for SQLite."""
    topology = stacks.topology()
    for service in topology.services:
        if service.app.state and service.app.state.databases:
            assert container_of(topology, service).stop_grace >= 60, service.name


def test_a_quicker_probe_is_a_setting_and_never_slower() -> None:
    """A rehearsal probes more often; nothing can be made to probe less often than the catalog."""
    quick, slow = container("radarr", probe_interval=2), container("radarr", probe_interval=300)
    assert quick.probe is not None
    assert slow.probe is not None
    assert (quick.probe.timing.interval, slow.probe.timing.interval) == (2, 30)


def test_a_users_variable_wins() -> None:
    """What a person sets in the settings is not overruled by the catalog."""
    services = {"radarr": {"environment": {"RADARR__LOG__LEVEL": "debug", "TZ": "Asia/Tokyo"}}}
    topology = stacks.topology(services=services)
    environment = container_of(topology, topology.service("radarr")).environment

    assert environment["RADARR__LOG__LEVEL"] == "debug"
    assert environment["TZ"] == "Asia/Tokyo"
