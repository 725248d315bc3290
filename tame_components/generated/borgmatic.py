"""borgmatic's configuration: what goes into the archive, and for how long.

Form: torsion.org/borgmatic/reference/configuration (2.x, one level). Databases are dumped by
SQLite itself (`sqlite_databases`), so nothing has to be stopped; their files are left out.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.backup import BackupSettings
from tame_components.domain.backup_plan import inside, kept
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.yaml_text import yaml_text


CONFIG = "/etc/borgmatic.d/config.yaml"
_REPOSITORY = "/mnt/borg-repository"
_SOURCE = "/mnt/source"


def borgmatic_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`config.yaml`."""
    del service
    backup = topology.settings.backup
    if backup is not None:
        yield ConfigFile(
            path=CONFIG,
            content=yaml_text(_config(topology, backup)),
            source="https://torsion.org/borgmatic/reference/configuration",
        )


def _config(topology: Topology, backup: BackupSettings) -> dict[str, Any]:
    services = kept(topology)
    files = [inside(_SOURCE, one, path) for one in services for path in one.databases]
    return {
        "source_directories": [inside(_SOURCE, one) for one in services],
        "repositories": [{"path": f"{_REPOSITORY}/{topology.stack}.borg", "label": "local"}],
        "exclude_patterns": [
            *(inside(_SOURCE, one, glob) for one in services for glob in one.excludes),
            *(f"{file}{suffix}" for file in files for suffix in ("", "-wal", "-shm", "-journal")),
        ],
        "sqlite_databases": [
            {"name": f"{one.service}-{path.rpartition('/')[2]}", "path": inside(_SOURCE, one, path)}
            for one in services
            for path in one.databases
        ],
        "keep_daily": backup.keep.daily,
        "keep_weekly": backup.keep.weekly,
        "keep_monthly": backup.keep.monthly,
        "checks": [
            {"name": "repository", "frequency": "1 week"},
            {"name": "archives", "frequency": "2 weeks"},
        ],
    }
