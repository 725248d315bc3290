"""Alerts on what did not happen: a backup, a rehearsed restore.

Whoever backs up writes `<config root>/.metrics/tame.prom` with one line per service, the time of
the last success in seconds since 1970, and replaces the file whole:

    tame_backup_last_success_timestamp_seconds{service="radarr"} 1763737200
    tame_drill_last_success_timestamp_seconds{service="radarr"} 1763137200

The node exporter tells it on (prometheus/node_exporter, README.md: textfile collector). Where it
is not told to, there are no such alerts: they would fire for ever.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.backup import BackupSettings
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.rule import rule
from tame_components.generated.targets import HOST_METRICS, offering


BACKUP = "tame_backup_last_success_timestamp_seconds"
DRILL = "tame_drill_last_success_timestamp_seconds"
_TEXTFILES = "--collector.textfile.directory"
_DAY = 24 * 3600


def overdue(topology: Topology) -> Iterator[dict[str, Any]]:
    """One alert for a figure that is too old, and for each service without any."""
    backup = topology.settings.backup
    if backup is not None and delivered(topology):
        services = tuple(one for one in topology.services if kept(one))
        yield from _backups(backup, services)
        yield from _drills(backup)


def delivered(topology: Topology) -> bool:
    """Whether the node exporter of the stack reads files that others leave."""
    return any(
        part.startswith(_TEXTFILES)
        for service in offering(topology, HOST_METRICS)
        for part in service.app.command
    )


def kept(service: Service) -> bool:
    """Whether *service* has something that a backup holds."""
    return service.app.state is not None and service.app.state.backup != "none"


def _backups(backup: BackupSettings, services: tuple[Service, ...]) -> Iterator[dict[str, Any]]:
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
            " or ".join(f'absent({BACKUP}{{service="{one.name}"}})' for one in services),
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
        summary="no restore has been rehearsed in time",
        description="a backup that was never restored is a hope",
    )
