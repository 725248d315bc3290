"""Uptime Kuma's monitors: one for each service that it can reach."""

from tame_components.generated.uptime_kuma import monitors
from tests.generated.conftest import SHAPES, watched


def test_each_service_that_can_be_reached_is_watched_once() -> None:
    """By its probe's URL where it has one, else by its port."""
    topology = watched("uptime-kuma", "radarr", "gluetun", "qbittorrent", "loki")
    found = {one["name"]: one for one in monitors(topology, topology.service("uptime-kuma"))}

    assert found["radarr"]["url"] == "http://radarr:7878/ping"
    assert found["qbittorrent"]["url"] == "http://gluetun:8080/"
    assert (found["loki"]["hostname"], found["loki"]["port"]) == ("loki", 3100)
    assert "uptime-kuma" not in found


def test_a_monitor_is_what_the_event_takes() -> None:
    """Status codes are text, and fields that the database insists on are there (2.5.3)."""
    topology = SHAPES["everything"]()
    found = list(monitors(topology, topology.service("uptime-kuma")))

    assert len({one["name"] for one in found}) == len(found) > 20
    for one in found:
        assert one["accepted_statuscodes"] == ["200-299"]
        assert one["conditions"] == []
        assert one["interval"] >= 20
