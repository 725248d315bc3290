"""What Prometheus tells of: alert rules that follow from the stack.

A rule is there only if something in the stack delivers its figures: one that can never fire would
comfort nobody. Metrics: prometheus/blackbox_exporter, README.md (`probe_success`) and
prober/tls.go (`probe_ssl_earliest_cert_expiry`); prometheus/node_exporter,
collector/filesystem_common.go; google/cadvisor, lib/metrics/prometheus.go
 (`container_health_state`: 1 healthy, 0 not, -1 without a probe); onedr0p/exportarr,
internal/arr/collector.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.app import Kind
from tame_components.domain.observability import ObservabilitySettings
from tame_components.domain.topology import Topology
from tame_components.generated.overdue import overdue
from tame_components.generated.rule import WATCHDOG, Severity, rule
from tame_components.generated.targets import (
    APP_METRICS,
    CONTAINER_METRICS,
    HOST_METRICS,
    PROBES,
    certificates,
)


_CRITICAL = (Kind.MEDIA_SERVER, Kind.VPN, Kind.REQUESTS)
"""Kinds that people notice at once."""
_EXPIRY_DAYS = 14
"""Renewals happen 30 days before the end (letsencrypt.org/docs): by then two have failed."""


def alerts(topology: Topology) -> dict[str, Any]:
    """The content of a rule file."""
    watch = topology.settings.watch
    there = topology.offered
    groups = {
        "services": _services(topology, watch) if PROBES in there else (),
        "applications": _applications() if APP_METRICS in there else (),
        "containers": _containers(topology, watch) if CONTAINER_METRICS in there else (),
        "host": _host(watch) if HOST_METRICS in there else (),
        "backups": overdue(topology),
        "watch": _watch(),
    }
    listed = ((name, list(rules)) for name, rules in groups.items())
    return {"groups": [{"name": name, "rules": rules} for name, rules in listed if rules]}


def _services(topology: Topology, watch: ObservabilitySettings) -> Iterator[dict[str, Any]]:
    loud, lasting = "|".join(_CRITICAL), f"{watch.unhealthy_minutes}m"
    matches: dict[Severity, str] = {"critical": "=~", "warning": "!~"}
    for severity, match in matches.items():
        yield rule(
            "ServiceDown",
            f'probe_success{{job!~"probe-public.*",kind{match}"{loud}"}} == 0',
            lasting,
            severity=severity,
            summary="{{ $labels.service }} does not answer",
            description="its probe fails again and again; `tame doctor` says why",
        )
    yield rule(
        "NobodyProbes",
        'absent(probe_success{job!~"probe-public.*"})',
        lasting,
        severity="critical",
        summary="no service is probed",
        description="the blackbox exporter does not answer, so a service that is down is not seen",
    )
    if any(certificates(topology)):
        yield from _public()


def _public() -> Iterator[dict[str, Any]]:
    yield rule(
        "CertificateExpires",
        f"probe_ssl_earliest_cert_expiry - time() < {_EXPIRY_DAYS} * 24 * 3600",
        "1h",
        severity="warning",
        summary="the certificate of {{ $labels.instance }} expires",
        description="in {{ $value | humanizeDuration }}; it should have been renewed by now",
    )
    yield rule(
        "NotReachedFromOutside",
        'probe_success{job=~"probe-public.*"} == 0',
        "30m",
        severity="warning",
        summary="{{ $labels.instance }} shows no certificate",
        description="the public name of {{ $labels.service }} has not answered for half an hour",
    )


def _applications() -> Iterator[dict[str, Any]]:
    yield rule(
        "ServiceComplains",
        '{__name__=~".+_system_health_issues"} > 0',
        "1h",
        severity="warning",
        summary="{{ $labels.service }} reports trouble",
        description="{{ $labels.message }}{{ $labels.issue }}",
    )


def _containers(topology: Topology, watch: ObservabilitySettings) -> Iterator[dict[str, Any]]:
    lasting = f"{watch.unhealthy_minutes}m"
    gateways = "|".join(gateway.name for gateway in topology.gateways)
    others = f'{{service!~"{gateways}"}}' if gateways else ""
    if gateways:
        # cAdvisor knows no gateways: the labels by which members are silenced are put here.
        yield rule(
            "TunnelDown",
            f'container_health_state{{service=~"{gateways}"}} == 0',
            lasting,
            severity="critical",
            summary="the tunnel of {{ $labels.service }} carries nothing",
            description="downloads stand still; they do not leak: the kill switch holds",
            labels={"kind": Kind.VPN.value, "gateway": "{{ $labels.service }}"},
        )
    yield rule(
        "ServiceUnhealthy",
        f"container_health_state{others} == 0",
        lasting,
        severity="warning",
        summary="{{ $labels.service }} is unhealthy",
        description="its container's own probe fails; `tame doctor` says why",
    )
    yield rule(
        "ServiceRestarts",
        "changes(container_start_time_seconds[30m]) > 2",
        "0m",
        severity="warning",
        summary="{{ $labels.service }} restarts again and again",
        description="more than twice in half an hour; `tame doctor` says why",
    )
    yield rule(
        "ServiceNearItsMemoryLimit",
        "container_memory_working_set_bytes > 0.95 * (container_spec_memory_limit_bytes > 0)",
        "15m",
        severity="warning",
        summary="{{ $labels.service }} needs nearly all its memory",
        description="raise `memory_mb` of the service, before the kernel ends it",
    )


def _host(watch: ObservabilitySettings) -> Iterator[dict[str, Any]]:
    real = 'fstype!~"tmpfs|overlay|squashfs|ramfs|nsfs"'
    left = f"node_filesystem_avail_bytes{{{real}}}"
    size = f"node_filesystem_size_bytes{{{real}}}"
    yield rule(
        "DiskNearlyFull",
        f"100 * (1 - {left} / {size}) > {watch.disk_full_percent}",
        "10m",
        severity="critical",
        summary="{{ $labels.mountpoint }} is nearly full",
        description="{{ $value | humanize }} % are used",
    )
    yield rule(
        "DiskFullInFourDays",
        f"predict_linear({left}[12h], 4 * 24 * 3600) < 0",
        "6h",
        severity="warning",
        summary="{{ $labels.mountpoint }} fills up",
        description="at the pace of the last 12 hours it is full in four days",
    )


def _watch() -> Iterator[dict[str, Any]]:
    yield rule(
        "NobodyAnswersPrometheus",
        # exportarr from 3.0 on answers 200 when it cannot reach its application (README.md).
        'up{job!~"probe-.*"} == 0 or {__name__=~".+_collector_error"} > 0',
        "10m",
        severity="warning",
        summary="{{ $labels.service }} gives no metrics",
        description="{{ $labels.instance }} has told nothing for ten minutes",
    )
    yield rule(
        WATCHDOG,
        "vector(1)",
        "0m",
        severity="none",
        summary="this alert always fires",
        description="its absence, outside this host, says that nobody watches any more",
    )
