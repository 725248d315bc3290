"""What a service in a stack says of itself."""

import pytest

from tests.harness import stacks


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("radarr", "http://radarr:7878"),
        ("qbittorrent", "http://gluetun:8080"),
        ("plex", ""),
        ("socket-proxy", ""),
        ("node-exporter", ""),
    ],
)
def test_where_the_others_find_its_ui(name: str, url: str) -> None:
    """By its own name or its gateway's; on the host's network nobody has a name."""
    services = {
        **{one: {} for one in stacks.CORE},
        "plex": {"host_network": True},
        "node-exporter": {"host_network": True},
    }

    assert stacks.topology(services=services).service(name).url == url
