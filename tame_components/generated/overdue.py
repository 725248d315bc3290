"""Alerts on what did not happen: a backup, a restore that was tried.

`tame backup` and `tame restore` write `<config root>/.metrics/tame.prom` (ops/snapshots/figures.py)
with one line per service, the time of the last success in seconds since 1970:

    tame_backup_last_success_timestamp_seconds{service="radarr"} 1763737200
    tame_drill_last_success_timestamp_seconds{service="radarr"} 1763137200

The node exporter tells it on (prometheus/node_exporter, README.md: textfile collector). Where it
is not told to, or another tool backs up, there are no such alerts: they would fire for ever.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tame_components.domain.backup import BackupSettings, BackupTool
from tame_components.domain.backup_plan import kept
from tame_components.domain.topology import Topology
from tame_components.generated.rule import rule
from tame_components.generated.targets import HOST_METRICS


BACKUP = "tame_backup_last_success_timestamp_seconds"
DRILL = "tame_drill_last_success_timestamp_seconds"
_TEXTFILES = "--collector.textfile.directory"
_DAY = 24 * 3600


def overdue(topology: Topology) -> Iterator[dict[str, Any]]:
    """One alert for a figure that is too old, and for each service without any."""
    backup = told(topology)
    if backup is not None:
        yield from _backups(backup, [one.service for one in kept(topology)])
        yield from _drills(backup)


def told(topology: Topology) -> BackupSettings | None:
    """The backups whose figures reach Prometheus; None where nobody writes or reads them."""
    backup = topology.settings.backup
    writes = backup is not None and backup.tool is BackupTool.TAME
    return backup if writes and delivered(topology) else None


def delivered(topology: Topology) -> bool:
    """Whether a node exporter beside the services' state reads files that others leave."""
    return any(
        part.startswith(_TEXTFILES)
        for service in topology.offering(HOST_METRICS)
        if not service.host
        for part in service.app.command
    )


def _backups(backup: BackupSettings, services: Sequence[str]) -> Iterator[dict[str, Any]]:
    yield rule(
        "BackupOverdue",
        f"time() - {BACKUP} > {backup.rpo_hours} * 3600",
        "1h",
        severity="critical",
        summary="{{ $labels.service }} has not been backed up in time",
        description="the last good backup is {{ $value | humanizeDuration }} old",
    )
    if services:
        yield rule(
            "BackupMissing",
            " or ".join(f'absent({BACKUP}{{service="{name}"}})' for name in services),
            f"{backup.rpo_hours}h",
            severity="critical",
            summary="{{ $labels.service }} has never been backed up",
            description="nobody has told of a good backup; `tame backup` makes one",
        )


def _drills(backup: BackupSettings) -> Iterator[dict[str, Any]]:
    yield rule(
        "DrillOverdue",
        f"time() - max({DRILL}) > {backup.drill_days} * {_DAY} or absent({DRILL})",
        "1d",
        severity="warning",
        summary="no restore has been tried in time",
        description="a backup that was never restored is a hope",
    )
