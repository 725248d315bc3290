"""Grafana's provisioning: where figures and logs come from, and the dashboards.

Form: grafana/grafana, docs/sources/administration/provisioning.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.boards import application, counting, logs, overview
from tame_components.generated.panel import Source, dashboard
from tame_components.generated.targets import LOGS, METRICS
from tame_components.generated.yaml_text import yaml_text


PROVISIONING = "/etc/grafana/provisioning"
DASHBOARDS = "/etc/grafana/dashboards"
_SOURCE = "https://grafana.com/docs/grafana/latest/administration/provisioning"
_TYPES = {METRICS: "prometheus", LOGS: "loki"}


def grafana_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """Datasources, where dashboards lie, and the dashboards."""
    sources = list(_datasources(topology, service))
    folder = {
        "name": "tame",
        "folder": "TAME",
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": DASHBOARDS},
    }
    provisioned = {
        "datasources": {"apiVersion": 1, "datasources": sources},
        "dashboards": {"apiVersion": 1, "providers": [folder]},
    }
    for what, content in provisioned.items():
        path = f"{PROVISIONING}/{what}/tame.yaml"
        yield ConfigFile(path=path, content=yaml_text(content), source=_SOURCE)
    for name, text in _dashboards(topology, _first(sources)).items():
        path = f"{DASHBOARDS}/{name}.json"
        yield ConfigFile(path=path, content=text, source=_SOURCE)


def _datasources(topology: Topology, service: Service) -> Iterator[dict[str, Any]]:
    watch = topology.settings.watch
    for wire in topology.wires_from(service.name):
        if wire.offer not in _TYPES:
            continue
        # The step below which there are no figures (grafana/grafana, docs/sources/datasources).
        options = {"timeInterval": f"{watch.scrape_seconds}s"} if wire.offer == METRICS else {}
        app = topology.service(wire.target).app
        yield {
            "name": app.title if app.name == wire.target else wire.target,
            "uid": f"tame-{wire.target}",
            "type": _TYPES[wire.offer],
            "access": "proxy",
            "url": wire.url,
            "isDefault": wire.offer == METRICS,
            "editable": False,
            "jsonData": options,
        }


def _first(sources: list[dict[str, Any]]) -> dict[str, Source]:
    """The first datasource of each type."""
    return {one["type"]: Source(type=one["type"], uid=one["uid"]) for one in reversed(sources)}


def _dashboards(topology: Topology, sources: Mapping[str, Source]) -> dict[str, str]:
    found: dict[str, str] = {}
    if figures := sources.get("prometheus"):
        found["overview"] = dashboard(
            "tame-overview",
            f"{topology.stack}: overview",
            ["overview"],
            overview(topology, figures),
        )
        for service, command in counting(topology):
            found[f"app-{service.name}"] = dashboard(
                f"tame-app-{service.name}",
                f"{topology.stack}: {service.name}",
                [service.app.kind.value],
                application(service, command, figures),
            )
    if lines := sources.get("loki"):
        found["logs"] = dashboard(
            "tame-logs",
            f"{topology.stack}: logs",
            ["logs"],
            logs(topology, lines),
            f'label_values({{stack="{topology.stack}"}}, service)',
        )
    return found
