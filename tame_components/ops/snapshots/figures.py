"""What Prometheus is told of backups: `<config root>/.metrics/tame.prom`, replaced whole.

The node exporter reads it (prometheus/node_exporter, README.md: textfile collector), and the alerts
of `generated/overdue.py` judge it. Figures of services that the stack lacks go: they would grow old
and ring. A file that cannot be written is told, and stops no backup.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tame_components.domain.backup_plan import kept
from tame_components.domain.mounting import METRICS
from tame_components.domain.topology import Topology
from tame_components.generated.overdue import BACKUP, DRILL
from tame_components.ops import durable
from tame_components.ops.snapshots.execute import Made
from tame_components.ops.snapshots.restoring import Restored


FILE = "tame.prom"
CHECKED = "tame_repository_last_check_timestamp_seconds"
_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        BACKUP: "When the files of the newest snapshot held still, in seconds since 1970.",
        "tame_backup_size_bytes": "Size of that snapshot, before deduplication.",
        "tame_backup_added_bytes": "What the repository did not have of it yet.",
        "tame_backup_duration_seconds": "How long it took, all in all.",
        "tame_backup_pause_seconds": "How long the service was away for it.",
        "tame_backup_verified_databases": "Databases that were found sound before it counted.",
        "tame_backup_verified_rows": "Rows that were counted in them.",
        CHECKED: "When the repository was last found to hold together, in seconds since 1970.",
        DRILL: "When a snapshot was last restored and the service was well, in seconds since 1970.",
        "tame_drill_duration_seconds": "How long that took.",
    }
)
_LINE = re.compile(r'(\w+)(?:\{service="([^"]+)"\})? (\d+(?:\.\d+)?(?:e[-+]?\d+)?)')

Values = dict[tuple[str, str], float]
"""By metric and service; of the repository itself: no service."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one stack. Whoever writes holds the stack's lock."""

    topology: Topology
    say: Callable[[str], None]

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.topology.settings.config_root) / METRICS / FILE

    def backed_up(self, made: Made) -> None:
        """A service has a new snapshot."""
        record, timing = made.snapshot.record, made.timing
        rows = sum(sum(one.rows.values()) for one in record.databases)
        self._tell(
            record.service,
            {
                BACKUP: record.taken.timestamp(),
                "tame_backup_size_bytes": record.size,
                "tame_backup_added_bytes": made.added,
                "tame_backup_duration_seconds": made.seconds,
                "tame_backup_pause_seconds": timing.stop + timing.copy_ + timing.start,
                "tame_backup_verified_databases": len(record.databases),
                "tame_backup_verified_rows": rows,
            },
        )

    def restored(self, restored: Restored, seconds: float) -> None:
        """A snapshot came back; it proves something only where the service was well on it."""
        if restored.started:
            told = {DRILL: _now(), "tame_drill_duration_seconds": seconds}
            self._tell(restored.service, told)

    def checked(self) -> None:
        """The repository holds together."""
        self._tell("", {CHECKED: _now()})

    def _tell(self, service: str, told: Mapping[str, float]) -> None:
        known = {"", *(one.service for one in kept(self.topology))}
        try:
            present = read(self.path)
            values = {key: value for key, value in present.items() if key[1] in known}
            values |= {(metric, service): value for metric, value in told.items()}
            _replace(self.path, written(values))
        except OSError as error:
            self.say(f"Prometheus is not told: {self.path}: {error}")


def read(path: Path) -> Values:
    """What the file says; nothing where there is none. Lines of another form are passed over."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found = (_LINE.fullmatch(line) for line in lines)
    return {(one[1], one[2] or ""): float(one[3]) for one in found if one}


def written(values: Values) -> str:
    """*values* in Prometheus's text format, each metric with what it means."""
    lines: list[str] = []
    for metric, meaning in _MEANINGS.items():
        mine = sorted(
            (service, value) for (name, service), value in values.items() if name == metric
        )
        if mine:
            lines += [f"# HELP {metric} {meaning}", f"# TYPE {metric} gauge"]
        for service, value in mine:
            label = f'{{service="{service}"}}' if service else ""
            lines.append(f"{metric}{label} {value:.17g}")
    return "".join(f"{line}\n" for line in lines)


def _replace(path: Path, text: str) -> None:
    """The exporter, which is nobody's user, never sees half a file; it reads only `*.prom`."""
    if not path.parent.is_dir():
        path.parent.mkdir()
        path.parent.chmod(0o755)
    durable.write(path, text, mode=0o644)


def _now() -> float:
    return dt.datetime.now(dt.UTC).timestamp()
