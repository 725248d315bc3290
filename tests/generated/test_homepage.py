"""The start page: every service once, where it is found, and no key in the text."""

from typing import Any

import yaml

from tame_components.domain.app import Kind
from tame_components.domain.holding import secrets_of
from tame_components.domain.topology import Topology
from tame_components.generated.homepage import CONFIG, GROUPS
from tests.generated.conftest import SHAPES, files, watched


def _page(topology: Topology) -> dict[str, dict[str, dict[str, Any]]]:
    """Group -> title -> what is said of the service."""
    loaded = yaml.safe_load(files(topology, "homepage")[f"{CONFIG}/services.yaml"].content)
    return {
        group: {title: entry for one in services for title, entry in one.items()}
        for part in loaded
        for group, services in part.items()
    }


def _entries(topology: Topology) -> dict[str, dict[str, Any]]:
    return {title: entry for group in _page(topology).values() for title, entry in group.items()}


def test_each_service_is_shown_once_in_the_group_of_its_kind() -> None:
    """Everything but the page itself and exporters; titles are unique, or one hides the other."""
    topology = SHAPES["two_of_one"]()
    shown = [title for group in _page(topology).values() for title in group]

    assert len(shown) == len(set(shown))
    assert {"Radarr", "Radarr (radarr-4k)"} <= set(_page(topology)["Collect"])
    assert "Homepage" not in shown
    assert "Exportarr" not in shown


def test_each_kind_has_a_group() -> None:
    """A new kind of application cannot be forgotten."""
    assert set(GROUPS) == set(Kind)


def test_a_widget_asks_with_a_key_that_the_page_holds() -> None:
    """The place that Homepage fills is a variable of its container that points to a file."""
    topology = SHAPES["everything"]()
    page = topology.service("homepage")
    held = {f"{{{{{one.secret.variable}}}}}" for one in secrets_of(topology, page)}
    asked = {
        entry["widget"]["key"]
        for entry in _entries(topology).values()
        if "key" in entry.get("widget", {})
    }

    assert asked
    assert asked <= held


def test_a_widget_without_its_key_is_left_out() -> None:
    """Grafana's needs a password that the page is not given; Prometheus's needs nothing."""
    entries = _entries(SHAPES["everything"]())

    assert "widget" not in entries["Grafana"]
    assert entries["Prometheus"]["widget"] == {
        "type": "prometheus",
        "url": "http://prometheus:9090",
    }


def test_links_are_the_published_ones() -> None:
    """The public name where there is one, else the host's port; none for what is not published."""
    local = _entries(watched("homepage", "jellyfin", "radarr"))
    public = _entries(watched("homepage", "jellyfin", remote_access={"domain": "example.org"}))

    assert local["Jellyfin"]["href"] == "http://127.0.0.1:8096"
    assert "href" not in local["Radarr"]
    assert public["Jellyfin"]["href"] == "https://jellyfin.example.org"


def test_a_member_of_a_gateway_is_found_at_the_gateway() -> None:
    """The torrent client's page is asked under its gateway's name."""
    entries = _entries(watched("homepage", "gluetun", "qbittorrent"))

    assert entries["qBittorrent"]["siteMonitor"] == "http://gluetun:8080/"


def test_the_page_has_all_its_files_and_asks_no_engine() -> None:
    """A missing file would be filled with Homepage's examples; Docker stays off."""
    found = files(watched("homepage"), "homepage")

    assert {path.removeprefix(f"{CONFIG}/") for path in found} == {
        "bookmarks.yaml",
        "docker.yaml",
        "services.yaml",
        "settings.yaml",
        "widgets.yaml",
    }
    assert yaml.safe_load(found[f"{CONFIG}/docker.yaml"].content) == {}
