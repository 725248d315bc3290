"""Figures on which each alert must fire, and must not."""

from collections.abc import Mapping
from dataclasses import dataclass


RADARR = {"service": "radarr", "kind": "automation", "plane": "operator", "job": "probe-http"}
PLEX = {"service": "plex", "kind": "media-server", "plane": "user", "job": "probe-http"}
DISK = {"mountpoint": "/srv", "fstype": "ext4", "device": "/dev/sda1", "service": "node-exporter"}
PUBLIC = {"service": "plex", "instance": "plex.example.org:443", "job": "probe-public"}
_DAY = 24 * 3600


@dataclass(frozen=True)
class Case:
    """Figures of one thing, and when an alert about it must and must not fire."""

    alert: str
    series: Mapping[str, str]
    """Metric with labels -> values, in promtool's notation."""
    fires: str
    """A time after the beginning at which it fires."""
    silent: tuple[str, ...]
    """Times at which it does not: before it lasted long enough, and after the cause is gone."""
    labels: Mapping[str, str]
    """Of the alert, beside its name."""
    summary: str
    description: str
    every: str = "1m"
    """How far apart the figures are, and how often the rules are judged."""


def series(metric: str, **labels: str) -> str:
    """A series in promtool's notation."""
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{metric}{{{inside}}}"


CASES = [
    Case(
        alert="ServiceDown",
        series={series("probe_success", **RADARR): "1 0x9 1x20"},
        fires="7m",
        silent=("0m", "5m", "11m"),
        labels={**RADARR, "severity": "warning"},
        summary="radarr does not answer",
        description="its probe fails again and again; `tame doctor` says why",
    ),
    Case(
        alert="ServiceDown",
        series={series("probe_success", **PLEX): "1 0x9 1x20"},
        fires="7m",
        silent=("0m", "5m", "11m"),
        labels={**PLEX, "severity": "critical"},
        summary="plex does not answer",
        description="its probe fails again and again; `tame doctor` says why",
    ),
    Case(
        alert="NobodyProbes",
        series={series("probe_success", **RADARR): "1x3 stale _x10 1x20"},
        fires="10m",
        silent=("2m", "16m"),
        labels={"severity": "critical"},
        summary="no service is probed",
        description="the blackbox exporter does not answer, so a service that is down is not seen",
    ),
    Case(
        alert="CertificateExpires",
        # promtool's clock begins at 1970: the certificate ends after 14 days and 61 minutes.
        series={
            series("probe_ssl_earliest_cert_expiry", **PUBLIC): (
                f"{14 * _DAY + 3660}x180 {90 * _DAY}x60"
            )
        },
        fires="150m",
        silent=("60m", "110m", "190m"),
        labels={**PUBLIC, "severity": "warning"},
        summary="the certificate of plex.example.org:443 expires",
        description="in 13d 22h 31m 0s; it should have been renewed by now",
    ),
    Case(
        alert="NotReachedFromOutside",
        series={series("probe_success", **PUBLIC): "0x40 1x10"},
        fires="35m",
        silent=("20m", "42m"),
        labels={**PUBLIC, "severity": "warning"},
        summary="plex.example.org:443 shows no certificate",
        description="the public name of plex has not answered for half an hour",
    ),
    Case(
        alert="ServiceComplains",
        series={
            series("radarr_system_health_issues", service="radarr", message="disk is full"): (
                "0 1x90 0x10"
            )
        },
        fires="70m",
        silent=("50m", "95m"),
        labels={"service": "radarr", "message": "disk is full", "severity": "warning"},
        summary="radarr reports trouble",
        description="disk is full",
    ),
    Case(
        alert="TunnelDown",
        series={series("container_health_state", service="gluetun", app="gluetun"): "1 0x9 1x20"},
        fires="7m",
        silent=("0m", "5m", "11m"),
        labels={
            "service": "gluetun",
            "app": "gluetun",
            "gateway": "gluetun",
            "kind": "vpn",
            "severity": "critical",
        },
        summary="the tunnel of gluetun carries nothing",
        description="downloads stand still; they do not leak: the kill switch holds",
    ),
    Case(
        alert="ServiceUnhealthy",
        series={
            series("container_health_state", service="radarr"): "1 0x9 1x20",
            series("container_health_state", service="tdarr"): "-1x40",
            series("container_health_state", service="gluetun"): "0x40",
        },
        fires="7m",
        silent=("0m", "5m", "11m"),
        labels={"service": "radarr", "severity": "warning"},
        summary="radarr is unhealthy",
        description="its container's own probe fails; `tame doctor` says why",
    ),
    Case(
        alert="ServiceRestarts",
        series={series("container_start_time_seconds", service="radarr"): "1x5 2x5 3x5 4x60"},
        fires="20m",
        silent=("8m", "60m"),
        labels={"service": "radarr", "severity": "warning"},
        summary="radarr restarts again and again",
        description="more than twice in half an hour; `tame doctor` says why",
    ),
    Case(
        alert="ServiceNearItsMemoryLimit",
        series={
            series("container_memory_working_set_bytes", service="radarr"): "50 99x30 50x10",
            series("container_spec_memory_limit_bytes", service="radarr"): "100x60",
            series("container_memory_working_set_bytes", service="plex"): "99x60",
            series("container_spec_memory_limit_bytes", service="plex"): "0x60",
        },
        fires="20m",
        silent=("10m", "35m"),
        labels={"service": "radarr", "severity": "warning"},
        summary="radarr needs nearly all its memory",
        description="raise `memory_mb` of the service, before the kernel ends it",
    ),
    Case(
        alert="DiskNearlyFull",
        series={
            series("node_filesystem_avail_bytes", **DISK): "50 5x20 50x10",
            series("node_filesystem_size_bytes", **DISK): "100x40",
        },
        fires="15m",
        silent=("5m", "25m"),
        labels={**DISK, "severity": "critical"},
        summary="/srv is nearly full",
        description="95 % are used",
    ),
    Case(
        alert="DiskFullInFourDays",
        # A byte a minute of 4 days and a half; then everything is free again.
        series={series("node_filesystem_avail_bytes", **DISK): "6480-10x140 60000x140"},
        fires="1130m",
        silent=("300m", "1040m", "2600m"),
        every="10m",
        labels={**DISK, "severity": "warning"},
        summary="/srv fills up",
        description="at the pace of the last 12 hours it is full in four days",
    ),
    Case(
        alert="BackupOverdue",
        series={
            series("tame_backup_last_success_timestamp_seconds", service="radarr"): (
                f"0x156 {1560 * 60}x6"
            )
        },
        fires="1530m",
        silent=("1430m", "1480m", "1580m"),
        every="10m",
        labels={"service": "radarr", "severity": "critical"},
        summary="radarr has not been backed up in time",
        description="the last good backup is 1d 1h 30m 0s old",
    ),
    Case(
        alert="DrillOverdue",
        series={
            series("tame_drill_last_success_timestamp_seconds", service="radarr"): (
                f"0x{32 * 4} {32 * _DAY}x4"
            )
        },
        fires=f"{31 * 24 + 6}h",
        silent=(f"{30 * 24 + 6}h", f"{32 * 24 + 6}h"),
        every="6h",
        labels={"severity": "warning"},
        summary="no restore has been tried in time",
        description="a backup that was never restored is a hope",
    ),
    Case(
        alert="NobodyAnswersPrometheus",
        series={
            series("up", service="radarr", instance="radarr-exporter:9707", job="services"): (
                "1 0x20 1x20"
            ),
            series("up", service="plex", instance="plex", job="probe-http"): "0x60",
        },
        fires="15m",
        silent=("5m", "25m"),
        labels={
            "service": "radarr",
            "instance": "radarr-exporter:9707",
            "job": "services",
            "severity": "warning",
        },
        summary="radarr gives no metrics",
        description="radarr-exporter:9707 has told nothing for ten minutes",
    ),
]
