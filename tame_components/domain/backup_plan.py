"""What of each service is backed up: the facts that every tool works by."""

from pathlib import PurePosixPath

from tame_components.domain.backup import BackupTool
from tame_components.domain.base import Frozen
from tame_components.domain.mounting import state_directory
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


class Kept(Frozen):
    """The state of one service, as a backup sees it."""

    service: str
    directory: str
    """On its host."""
    databases: tuple[str, ...]
    """SQLite files, relative to the directory: stop the service, or ask SQLite for a copy."""
    excludes: tuple[str, ...]
    """Globs, relative to the directory."""


def kept(topology: Topology) -> tuple[Kept, ...]:
    """Every service of the stack's own host whose state is worth keeping."""
    return tuple(
        Kept(
            service=service.name,
            directory=directory,
            databases=tuple(database.path for database in service.app.databases),
            excludes=excludes_of(topology, service),
        )
        for service in topology.services
        if service.backed_up and (directory := state_directory(topology, service))
    )


def excludes_of(topology: Topology, service: Service) -> tuple[str, ...]:
    """What a copy of *service* leaves out: the catalog's globs and the settings', each once."""
    backup = topology.settings.backup
    own = service.app.state.excludes if service.app.state else ()
    return tuple(dict.fromkeys((*own, *(backup.excludes if backup else ()))))


def tool_environment(topology: Topology, service: Service) -> dict[str, str]:
    """What *service*, a backup tool, is told by its environment; no secret among it.

    Sources: offen/docker-volume-backup, README (configuration reference);
    borgmatic-collective/docker-borgmatic, svc-cron/run; rclone.org/docs, environment variables.
    """
    backup = topology.settings.backup
    if backup is None:
        return {}
    match service.app.name:
        case "borgmatic":
            return {"CRON": backup.schedule, "CRON_COMMAND": _BORGMATIC}
        case "docker-volume-backup":
            return {
                "BACKUP_CRON_EXPRESSION": backup.schedule,
                "BACKUP_FILENAME": f"{topology.stack}-%Y-%m-%dT%H-%M-%S.{{{{ .Extension }}}}",
                "BACKUP_PRUNING_PREFIX": f"{topology.stack}-",
                "BACKUP_RETENTION_DAYS": str(backup.keep.daily),
                "BACKUP_STOP_DURING_BACKUP_LABEL": topology.stack,
            }
        case "rclone":
            return {"RCLONE_CONFIG_OFFSITE_REMOTE": backup.remote} if backup.remote else {}
    return {}


_BORGMATIC = (
    "borgmatic repo-create --encryption repokey-blake2 && borgmatic create prune compact check"
    " --stats 2>&1"
)


def stop_labels(topology: Topology, service: Service) -> dict[str, str]:
    """The label by which offen/docker-volume-backup knows what it stops meanwhile."""
    backup = topology.settings.backup
    if backup is None or backup.tool is not BackupTool.OFFEN:
        return {}
    if not service.app.databases:
        return {}
    return {"docker-volume-backup.stop-during-backup": topology.stack}


def inside(mount: str, one: Kept, path: str = "") -> str:
    """*path* of *one* below the mounted config root."""
    return str(PurePosixPath(mount) / one.service / path)
