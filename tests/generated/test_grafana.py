"""Dashboards: laid out, answerable, and drawn from what the stack really has."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.domain.topology import Topology
from tame_components.generated.grafana import DASHBOARDS, PROVISIONING
from tests.generated.conftest import SHAPES, files, judged, tool, watched


WATCHED = ("everything", "settings", "two_of_one")


def _boards(topology: Topology) -> dict[str, dict[str, Any]]:
    return {
        path: json.loads(file.content)
        for path, file in files(topology, "grafana").items()
        if path.startswith(DASHBOARDS)
    }


def _sources(topology: Topology) -> list[dict[str, Any]]:
    path = f"{PROVISIONING}/datasources/tame.yaml"
    listed: list[dict[str, Any]] = yaml.safe_load(files(topology, "grafana")[path].content)[
        "datasources"
    ]
    return listed


@pytest.mark.parametrize("shape", WATCHED)
def test_panels_do_not_overlap(shape: str) -> None:
    """Each panel has an id of its own and a place of its own on the 24 columns."""
    for board in _boards(SHAPES[shape]()).values():
        ids = [panel["id"] for panel in board["panels"]]
        cells = [
            (x, y)
            for panel in board["panels"]
            for place in [panel["gridPos"]]
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]

        assert ids
        assert len(ids) == len(set(ids))
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("shape", WATCHED)
def test_dashboards_can_be_found(shape: str) -> None:
    """Names in URLs are unique, short enough for Grafana (40), and do not change with titles."""
    uids = [board["uid"] for board in _boards(SHAPES[shape]()).values()]

    assert len(uids) == len(set(uids))
    assert all(len(uid) <= 40 for uid in uids)
    assert {"tame-overview", "tame-logs"} <= set(uids)


@pytest.mark.parametrize("shape", WATCHED)
def test_every_panel_asks_a_source_that_is_there(shape: str) -> None:
    """No panel names a datasource that provisioning does not make."""
    topology = SHAPES[shape]()
    known = {(one["type"], one["uid"]) for one in _sources(topology)}
    asked = {
        (target["datasource"]["type"], target["datasource"]["uid"])
        for board in _boards(topology).values()
        for panel in board["panels"]
        for target in panel["targets"]
    }

    assert asked == known


def test_prometheus_understands_every_question(tmp_path: Path) -> None:
    """`promtool check rules` parses the PromQL of each panel."""
    promtool = tool("promtool", "prometheus")
    questions = {
        target["expr"]
        for board in _boards(SHAPES["everything"]()).values()
        for panel in board["panels"]
        for target in panel["targets"]
        if target["datasource"]["type"] == "prometheus"
    }
    rules = [
        {"record": f"panel:{number}", "expr": text} for number, text in enumerate(sorted(questions))
    ]
    place = tmp_path / "rules.yml"
    place.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    assert f"{len(rules)} rules found" in judged(promtool, "check", "rules", place)


def test_sources_are_where_the_stack_has_them() -> None:
    """Derived from the topology, also when a service has another name than its application."""
    topology = watched("grafana", services={"figures": {"app": "prometheus"}})

    assert [(one["uid"], one["url"]) for one in _sources(topology)] == [
        ("tame-figures", "http://figures:9090")
    ]


def test_each_application_that_is_counted_has_a_dashboard() -> None:
    """One for each exporter's target, asking about that service alone."""
    boards = _boards(SHAPES["two_of_one"]())
    four = boards[f"{DASHBOARDS}/app-radarr-4k.json"]
    asked = {target["expr"] for panel in four["panels"] for target in panel["targets"]}

    assert f"{DASHBOARDS}/app-radarr.json" in boards
    assert all('service="radarr-4k"' in text for text in asked)


def test_there_is_no_picture_without_figures() -> None:
    """Without Loki no logs, without exporters no counts, without Prometheus nothing at all."""
    assert set(_boards(watched("grafana"))) == set()
    assert set(_boards(watched("grafana", "prometheus", "loki"))) == {
        f"{DASHBOARDS}/overview.json",
        f"{DASHBOARDS}/logs.json",
    }


def test_known_troubles_are_searched_for_as_they_are_written() -> None:
    """Signs of the catalog are plain text: their dots and brackets mean themselves."""
    topology = watched("grafana", "loki", "radarr")
    board = _boards(topology)[f"{DASHBOARDS}/logs.json"]
    texts = [target["expr"] for panel in board["panels"] for target in panel["targets"]]

    assert any("database disk image is malformed" in text for text in texts)
    assert all('stack="test"' in text for text in texts)


def test_backups_are_shown_where_their_figures_arrive() -> None:
    """By age, red from the promise on; not where another tool keeps its figures to itself."""
    names = ("grafana", "prometheus", "node-exporter", "radarr")

    def panels(**backup: str | int) -> dict[str, Any]:
        board = _boards(watched(*names, backup=backup))[f"{DASHBOARDS}/overview.json"]
        return {one["title"]: one for one in board["panels"]}

    age = panels(rpo_hours=12)["Age of the newest snapshot"]
    assert age["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"] == 12 * 3600
    assert "Age of the newest snapshot" not in panels(tool="borgmatic")
