"""Which pictures a stack gets: the whole at a glance, each application that counts, the logs.

A picture is there only if something in the stack delivers its figures. Metrics: as in alerts.py;
prometheus/node_exporter, collector/cpu_common.go and meminfo.go; onedr0p/exportarr,
internal/arr/collector and internal/sabnzbd/collector at v2.3.0.
"""

import re
from collections.abc import Iterator
from typing import Literal

from tame_components.domain.backup import BackupSettings
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.overdue import BACKUP, told
from tame_components.generated.panel import Panel, Query, Source
from tame_components.generated.targets import (
    APP_METRICS,
    CONTAINER_METRICS,
    HOST_METRICS,
    PROBES,
    watched,
)


_REAL = 'fstype!~"tmpfs|overlay|squashfs|ramfs|nsfs"'
_SERVICE = "{{service}}"
_UP_DOWN = (("0", "down", "red"), ("1", "up", "green"))
_META = re.compile(r"([\\.^$|?*+()\[\]{}])")

Figure = tuple[str, str, str]
"""Title, metric, unit."""

_SERVARR: tuple[Figure, ...] = (
    ("Queue", "{app}_queue_total", "short"),
    ("Reported troubles", "{app}_system_health_issues", "short"),
    ("Free space of root folders", "{app}_rootfolder_freespace_bytes", "bytes"),
    ("History", "{app}_history_total", "short"),
)
_FIGURES: dict[str, tuple[Figure, ...]] = {
    "radarr": (
        ("Movies", "radarr_movie_total", "short"),
        ("Missing movies", "radarr_movie_missing_total", "short"),
        ("Wanted movies", "radarr_movie_wanted_total", "short"),
        ("Size of the library", "radarr_movie_filesize_total", "bytes"),
        *_SERVARR,
    ),
    "sonarr": (
        ("Series", "sonarr_series_total", "short"),
        ("Episodes", "sonarr_episode_total", "short"),
        ("Missing episodes", "sonarr_episode_missing_total", "short"),
        ("Size of the library", "sonarr_series_filesize_bytes", "bytes"),
        *_SERVARR,
    ),
    "lidarr": (
        ("Artists", "lidarr_artists_total", "short"),
        ("Albums", "lidarr_albums_total", "short"),
        ("Missing albums", "lidarr_albums_missing_total", "short"),
        ("Size of the library", "lidarr_artists_filesize_bytes", "bytes"),
        *_SERVARR,
    ),
    "prowlarr": (
        ("Indexers", "prowlarr_indexer_total", "short"),
        ("Unavailable indexers", "prowlarr_indexer_unavailable", "short"),
        ("Failed queries", "prowlarr_indexer_failed_queries_total", "short"),
        ("Response time of indexers", "prowlarr_indexer_average_response_time_ms", "ms"),
        ("Queries", "prowlarr_indexer_queries_total", "short"),
        ("Grabs", "prowlarr_indexer_grabs_total", "short"),
        ("Reported troubles", "prowlarr_system_health_issues", "short"),
    ),
    "bazarr": (
        ("Subtitles", "bazarr_subtitles_downloaded_total", "short"),
        ("Missing subtitles", "bazarr_subtitles_missing_total", "short"),
        ("Wanted subtitles", "bazarr_subtitles_wanted_total", "short"),
        ("Reported troubles", "bazarr_system_health_issues", "short"),
    ),
    "sabnzbd": (
        ("Jobs in the queue", "sabnzbd_queue_length", "short"),
        ("Paused", "sabnzbd_paused", "short"),
        ("Left to download", "sabnzbd_remaining_bytes", "bytes"),
        ("Speed", "sabnzbd_speed_bps", "Bps"),
        ("Used disk", "sabnzbd_disk_used_bytes", "bytes"),
    ),
}
"""By exportarr's subcommand. The first four are numbers on top, the rest are curves."""
_NUMBERS = 4


def overview(topology: Topology, source: Source) -> Iterator[Panel]:
    """The whole stack on one screen."""
    there = topology.offered
    yield _now(source, "Alerts", 'count(ALERTS{alertstate="firing",severity!="none"}) or vector(0)')
    if PROBES in there:
        yield from _probes(source)
    if CONTAINER_METRICS in there:
        yield from _containers(source)
    if HOST_METRICS in there:
        yield from _host(source)
    if backup := told(topology):
        yield from _backups(source, backup)


def _probes(source: Source) -> Iterator[Panel]:
    yield _now(source, "Services that do not answer", "count(probe_success == 0) or vector(0)")
    shares = (("Answering, by plane", "plane"), ("Answering, by kind", "kind"))
    for title, label in shares:
        share = Query(text=f"avg by ({label}) (probe_success)", legend=f"{{{{{label}}}}}")
        yield _panel(source, "bargauge", title, share, unit="percentunit", top=1, width=6)
    state = Query(text="min by (service) (probe_success)", legend=_SERVICE)
    yield Panel(
        title="Who answered when",
        kind="state-timeline",
        source=source,
        queries=(state,),
        words=_UP_DOWN,
        height=12,
    )
    time = Query(text="max by (service) (probe_duration_seconds)", legend=_SERVICE)
    yield _panel(source, "timeseries", "Time to answer", time, unit="s", height=12)


def _containers(source: Source) -> Iterator[Panel]:
    received, sent = (f"container_network_{way}_bytes_total" for way in ("receive", "transmit"))
    queries = (
        ("Memory", "container_memory_working_set_bytes", "bytes"),
        ("Processor", "rate(container_cpu_usage_seconds_total[5m])", "short"),
        ("Restarts in an hour", "changes(container_start_time_seconds[1h])", "short"),
        ("Network", f"rate({received}[5m]) + rate({sent}[5m])", "Bps"),
    )
    for title, text, unit in queries:
        query = Query(text=f"sum by (service) ({text})", legend=_SERVICE)
        yield _panel(source, "timeseries", title, query, unit=unit)


def _host(source: Source) -> Iterator[Panel]:
    size = f"node_filesystem_size_bytes{{{_REAL}}}"
    left = f"node_filesystem_avail_bytes{{{_REAL}}}"
    used = Query(text=f"100 * (1 - {left} / {size})", legend="{{mountpoint}}")
    processor = '100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))'
    memory = "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"
    busy = (Query(text=processor, legend="processor"), Query(text=memory, legend="memory"))
    full = ((80.0, "orange"), (90.0, "red"))
    disks = _panel(source, "bargauge", "Disks", used, unit="percent", top=100)
    yield disks.model_copy(update={"colours": full})
    yield _panel(source, "timeseries", "The host", *busy, unit="percent", top=100)


def _backups(source: Source, backup: BackupSettings) -> Iterator[Panel]:
    age = Query(text=f"time() - max by (service) ({BACKUP})", legend=_SERVICE)
    ages = _panel(source, "bargauge", "Age of the newest snapshot", age, unit="s")
    yield ages.model_copy(update={"colours": ((backup.rpo_hours * 3600.0, "red"),)})
    size = Query(text="max by (service) (tame_backup_size_bytes)", legend=_SERVICE)
    yield _panel(source, "timeseries", "Size of snapshots", size, unit="bytes")


def counting(topology: Topology) -> Iterator[tuple[Service, str]]:
    """The services that an exporter counts for, with exportarr's subcommand."""
    for exporter in topology.offering(APP_METRICS):
        service = watched(topology, exporter)
        facts = service.app.metrics
        if facts and facts.command in _FIGURES:
            yield service, facts.command


def application(service: Service, command: str, source: Source) -> Iterator[Panel]:
    """What one application counts."""
    for number, (title, metric, unit) in enumerate(_FIGURES[command]):
        text = f'{metric.format(app=command)}{{service="{service.name}"}}'
        if number < _NUMBERS:
            total = Query(text=f"sum({text})")
            yield _panel(source, "stat", title, total, unit=unit, width=6, height=4)
        else:
            yield _panel(source, "timeseries", title, Query(text=text), unit=unit)


def logs(topology: Topology, source: Source) -> Iterator[Panel]:
    """What the services say, and what of it the catalog knows to be trouble."""
    ours = f'{{stack="{topology.stack}", service=~"$service"}}'
    rate = Query(text=f"sum by (service) (count_over_time({ours}[5m]))", legend=_SERVICE)
    yield _panel(source, "timeseries", "Lines in five minutes", rate)
    known = sorted({sign for one in topology.services for sign in one.app.log_signatures})
    if known:
        signs = "|".join(_META.sub(r"\\\1", sign) for sign in known)
        text = f"sum by (service) (count_over_time({ours} |~ `{signs}` [1h]))"
        query = Query(text=text, legend=_SERVICE)
        yield _panel(source, "timeseries", "Known troubles in an hour", query)
    lines = Panel(title="Lines", kind="logs", source=source, queries=(Query(text=ours),))
    yield lines.model_copy(update={"width": 24, "height": 20})


def _now(source: Source, title: str, text: str) -> Panel:
    return Panel(
        title=title,
        kind="stat",
        source=source,
        queries=(Query(text=text),),
        width=6,
        colours=((1.0, "red"),),
    )


def _panel(
    source: Source,
    kind: Literal["stat", "timeseries", "bargauge"],
    title: str,
    *queries: Query,
    unit: str = "short",
    width: int = 12,
    height: int = 8,
    top: float | None = None,
) -> Panel:
    return Panel(
        title=title,
        kind=kind,
        source=source,
        queries=queries,
        unit=unit,
        width=width,
        height=height,
        top=top,
    )
