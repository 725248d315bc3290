"""Grafana dashboards as text: panels on a grid of 24 columns.

Form: grafana/grafana, docs/sources/visualizations/dashboards/build-dashboards/view-dashboard-json-
model; Grafana brings an older `schemaVersion` up to its own when it loads it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from tame_components.domain.base import Frozen


SCHEMA_VERSION = 39
_COLUMNS = 24


class Source(Frozen):
    """A datasource, as panels name it."""

    type: Literal["prometheus", "loki"]
    uid: str


class Query(Frozen):
    """One question of a panel."""

    text: str
    """PromQL or LogQL."""
    legend: str = ""
    """What an answer is called, e.g. `{{service}}`. Empty: Grafana's own words."""


class Panel(Frozen):
    """One picture."""

    title: str
    kind: Literal["stat", "timeseries", "state-timeline", "bargauge", "table", "logs"]
    source: Source
    queries: tuple[Query, ...]
    unit: str = "short"
    """Grafana's name of a unit, e.g. `bytes`, `s`, `percent`."""
    width: int = 12
    height: int = 8
    top: float | None = None
    """The highest value the axis shows."""
    colours: tuple[tuple[float, str], ...] = ()
    """From which value on it has which colour; below the first: green."""
    words: tuple[tuple[str, str, str], ...] = ()
    """Value, the word shown for it, its colour."""


def dashboard(
    uid: str, title: str, tags: Sequence[str], panels: Iterable[Panel], service: str = ""
) -> str:
    """A dashboard as JSON.

    Args:
        uid: Its name in URLs; never changes.
        title: What people read.
        tags: What it is found by.
        panels: Laid out left to right, top to bottom.
        service: A query by which a person chooses services, for Loki. Empty: no choice.
    """
    laid = list(_laid_out(panels))
    choice = [_choice(laid[0]["datasource"], service)] if service and laid else []
    board = {
        "uid": uid,
        "title": title,
        "tags": ["tame", *tags],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "",
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "title": "Other dashboards",
                "asDropdown": True,
                "tags": ["tame"],
            }
        ],
        "templating": {"list": choice},
        "panels": laid,
    }
    return json.dumps(board, indent=1) + "\n"


def _laid_out(panels: Iterable[Panel]) -> Iterator[dict[str, Any]]:
    left = top = row = 0
    for number, panel in enumerate(panels, start=1):
        if left + panel.width > _COLUMNS:
            left, top, row = 0, top + row, 0
        place = {"x": left, "y": top, "w": panel.width, "h": panel.height}
        yield _json(number, panel, place)
        left, row = left + panel.width, max(row, panel.height)


def _json(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    source = panel.source.model_dump()
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    steps += [{"color": colour, "value": value} for value, colour in panel.colours]
    defaults: dict[str, Any] = {
        "unit": panel.unit,
        "min": 0,
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    if panel.top is not None:
        defaults["max"] = panel.top
    if panel.words:
        defaults["mappings"] = [
            {"type": "value", "options": {value: {"text": word, "color": colour, "index": index}}}
            for index, (value, word, colour) in enumerate(panel.words)
        ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": source,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _OPTIONS.get(panel.kind, {}),
        "targets": [
            _target(index, query, panel, source) for index, query in enumerate(panel.queries)
        ],
    }


def _target(index: int, query: Query, panel: Panel, source: dict[str, Any]) -> dict[str, Any]:
    now = panel.kind in {"stat", "bargauge", "table"}
    return {
        "refId": chr(ord("A") + index),
        "datasource": source,
        "expr": query.text,
        **({"legendFormat": query.legend} if query.legend else {}),
        **({"instant": True, "range": False} if now else {}),
        **({"format": "table"} if panel.kind == "table" else {}),
    }


def _choice(source: dict[str, Any], query: str) -> dict[str, Any]:
    return {
        "name": "service",
        "label": "Service",
        "type": "query",
        "datasource": source,
        "query": query,
        "refresh": 2,
        "includeAll": True,
        "allValue": ".+",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "sort": 1,
    }


_OTHERS = {"type": "dashboards", "title": "Others", "asDropdown": True, "tags": ["tame"]}
_OPTIONS: dict[str, dict[str, Any]] = {
    "stat": {"colorMode": "background", "reduceOptions": {"calcs": ["lastNotNull"]}},
    "bargauge": {"orientation": "horizontal", "reduceOptions": {"calcs": ["lastNotNull"]}},
    "timeseries": {"legend": {"displayMode": "list"}, "tooltip": {"mode": "multi", "sort": "desc"}},
    "state-timeline": {"showValue": "never", "mergeValues": True},
    "logs": {"showTime": True, "wrapLogMessage": True, "sortOrder": "Descending"},
    "table": {"showHeader": True},
}
