"""What entries of the catalog come to together: live television, transcoding, on-demand writers."""

from tame_components.domain.holding import secrets_of
from tame_components.domain.rendering import container_of
from tests.harness import stacks


def test_two_tuners_of_one_application_and_one_guide() -> None:
    """Threadfin twice: each its own state and address; the guide's server reads both, no more."""
    services = {
        "threadfin": {},
        "threadfin-sport": {"app": "threadfin"},
        "webgrabplus": {},
        "guide": {"app": "static-server"},
        "jellyfin": {},
    }
    topology = stacks.topology(services=services)
    server = container_of(topology, topology.service("guide"))

    assert {w.url for w in topology.wires_from("jellyfin")} == {
        "http://threadfin:34400",
        "http://threadfin-sport:34400",
    }
    assert {w.target for w in topology.wires_from("threadfin-sport")} == {"guide"}
    assert {mount.target for mount in server.mounts} == {
        "/srv/threadfin",
        "/srv/threadfin-sport",
        "/srv/webgrabplus",
    }
    assert all(mount.read_only for mount in server.mounts)
    assert all(mount.source.endswith(("/data", "/guide")) for mount in server.mounts)


def test_a_transcoding_node_knows_its_server_and_has_its_key() -> None:
    """The key is the server's, in the form that both read; nobody publishes the node."""
    topology = stacks.only("tdarr", "tdarr-node")
    node = topology.service("tdarr-node")
    container = container_of(topology, node)
    (held,) = secrets_of(topology, node)

    assert container.environment["serverURL"] == "http://tdarr:8266"
    assert (held.owner.name, held.original.name) == ("tdarr", "api-key")
    assert held.secret.template == held.original.template
    assert container.secret_variables == ("apiKey",)
    assert container.ports == ()


def test_what_runs_on_demand_is_made_but_not_started() -> None:
    """Recyclarr gets the key of each instance under its own name, and no health check."""
    services = {"radarr": {}, "radarr-4k": {"app": "radarr"}, "sonarr": {}, "recyclarr": {}}
    topology = stacks.topology(services=services)
    container = container_of(topology, topology.service("recyclarr"))

    assert container.secret_variables == (
        "radarr-4k_api_key",
        "radarr_api_key",
        "sonarr_api_key",
    )
    assert (container.starts, container.restart, container.probe) == (False, "no", None)
    assert container.command == ("sync", "--config", "/etc/recyclarr/recyclarr.yml")


def test_either_torrent_client_lives_behind_the_tunnel() -> None:
    """Both at once, too: their ports in the gateway's namespace differ."""
    topology = stacks.only("gluetun", "qbittorrent", "transmission", "lidarr")

    assert {service.name for service in topology.members("gluetun")} == {
        "qbittorrent",
        "transmission",
    }
    assert {w.url for w in topology.wires_from("lidarr") if w.offer == "torrent-client"} == {
        "http://gluetun:8080",
        "http://gluetun:9091",
    }
