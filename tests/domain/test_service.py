"""What a service in a stack says of itself."""

import pytest

from tame_components.catalog import catalog
from tame_components.domain.backup_plan import kept
from tame_components.ops.snapshots.planning import left_out
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


@pytest.mark.parametrize(
    ("app", "keeps"), [("radarr", True), ("kometa", True), ("loki", False), ("dozzle", False)]
)
def test_what_would_be_missed_is_neither_nothing_nor_a_cache(app: str, *, keeps: bool) -> None:
    """Databases and settings are kept; what is made again by itself is not."""
    assert catalog()[app].keeps is keeps


@pytest.mark.parametrize(
    ("changes", "backed_up"), [({}, True), ({"host": "gpu-box"}, False)], ids=["here", "elsewhere"]
)
def test_a_backup_takes_what_lies_on_the_stacks_own_host(
    changes: dict[str, str], *, backed_up: bool
) -> None:
    """Everyone who plans a copy has the same answer; a snapshot says why not."""
    topology = stacks.topology(
        services={"radarr": changes}, vpn=None, hosts=stacks.OTHER_HOST, backup={}
    )
    (service,) = topology.services

    assert service.backed_up is backed_up
    assert [one.service for one in kept(topology)] == (["radarr"] if backed_up else [])
    assert left_out(topology, service).startswith("its files lie on") is not backed_up
