"""Prometheus's configuration: whom it asks, and what it tells of.

Forms: https://prometheus.io/docs/prometheus/3.14/configuration/configuration and https://prometheus.io/docs/prometheus/3.14/storage;
the blackbox exporter's relabelling as in its README.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.holding import ALERTS
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.alerts import alerts
from tame_components.generated.blackbox import CERTIFICATE, HTTP, TCP
from tame_components.generated.targets import (
    CONTAINER_METRICS,
    HOST_METRICS,
    PROBES,
    Target,
    certificates,
    http_probes,
    metrics,
    reached,
    tcp_probes,
)
from tame_components.generated.yaml_text import yaml_text


CONFIG = "/etc/prometheus/prometheus.yml"
RULES = "/etc/prometheus/rules/tame.yml"
PUBLIC = "probe-public"
"""The job that asks the stack's public names, through the internet."""
_SOURCE = "https://prometheus.io/docs/prometheus/3.14/configuration/configuration"
_DEFAULT_DAYS = 15
"""What Prometheus keeps when nobody says anything."""


def prometheus_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`prometheus.yml` and the alerts."""
    yield ConfigFile(path=CONFIG, content=yaml_text(_config(topology, service)), source=_SOURCE)
    yield ConfigFile(path=RULES, content=yaml_text(alerts(topology)), source=_SOURCE)


def _config(topology: Topology, service: Service) -> dict[str, Any]:
    watch = topology.settings.watch
    every = f"{watch.scrape_seconds}s"
    tellers = [
        url.partition("//")[2]
        for teller in topology.offering(ALERTS)
        if (url := reached(topology, service, teller))
    ]
    kept = {"storage": {"tsdb": {"retention": {"time": f"{watch.retention_days}d"}}}}
    return {
        "global": {
            "scrape_interval": every,
            "evaluation_interval": every,
            "external_labels": {"stack": topology.stack},
        },
        **(kept if watch.retention_days != _DEFAULT_DAYS else {}),
        "rule_files": [RULES],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": tellers}]}]},
        "scrape_configs": list(_jobs(topology, service)),
    }


def _jobs(topology: Topology, service: Service) -> Iterator[dict[str, Any]]:
    jobs: dict[tuple[str, str], list[Target]] = {}
    for target in metrics(topology, service):
        jobs.setdefault((_job(target), target.path), []).append(target)
    for (name, path), targets in jobs.items():
        yield {
            "job_name": name,
            "metrics_path": path,
            "static_configs": _static(targets),
            **_settings(topology, name),
        }
    for prober in topology.offering(PROBES):
        url = reached(topology, service, prober)
        if url is None:
            continue
        address = url.partition("//")[2]
        suffix = "" if prober.name == prober.app.name else f"-{prober.name}"
        yield from _probed(f"probe-http{suffix}", HTTP, address, http_probes(topology, prober))
        yield from _probed(f"probe-tcp{suffix}", TCP, address, tcp_probes(topology, prober))
        yield from _probed(f"{PUBLIC}{suffix}", CERTIFICATE, address, certificates(topology))


def _job(target: Target) -> str:
    if HOST_METRICS in target.offers:
        return "host"
    if CONTAINER_METRICS in target.offers:
        return "containers"
    return "services" + target.path.removeprefix("/metrics").replace("/", "-")


def _settings(topology: Topology, job: str) -> dict[str, Any]:
    if job == "host":
        # What others leave for the exporter to tell names its own `service`.
        return {"honor_labels": True}
    if job != "containers":
        return {}
    # Of this stack's containers, and about the service that each one runs.
    label = "container_label_tame"
    return {
        "metric_relabel_configs": [
            {"source_labels": [f"{label}_stack"], "regex": topology.stack, "action": "keep"},
            {"source_labels": [f"{label}_service"], "target_label": "service"},
            {"source_labels": [f"{label}_app"], "target_label": "app"},
            {"regex": f"{label}_.*|kind|plane", "action": "labeldrop"},
        ]
    }


def _probed(
    name: str, module: str, prober: str, targets: Iterable[Target]
) -> Iterator[dict[str, Any]]:
    """A job that asks the prober, which asks the target; none where there are no targets."""
    static = _static(targets)
    if static:
        yield {
            "job_name": name,
            "metrics_path": "/probe",
            "params": {"module": [module]},
            "static_configs": static,
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__param_target"], "target_label": "instance"},
                {"target_label": "__address__", "replacement": prober},
            ],
        }


def _static(targets: Iterable[Target]) -> list[dict[str, Any]]:
    return [{"targets": [one.address], "labels": one.labels} for one in targets]
