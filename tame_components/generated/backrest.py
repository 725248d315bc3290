"""Backrest's first settings: one repository, and one plan for each service that keeps something.

Form: garethgeorge/backrest, proto/v1/config.proto and internal/config at v1.14.1. It rewrites its
settings, so these are where it finds them only while it has none (`start.sh` of its catalog entry).

A service with databases stands still while it is copied: before the snapshot a hook stops it, after
it, and after any error, another one starts it; what is left of a Backrest that died is started when
it comes back. The password is a file that restic reads: it never stands here.
"""

import json
from collections.abc import Iterator
from typing import Any

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.backup import BackupSettings, BackupTool
from tame_components.domain.backup_plan import Kept, inside, kept
from tame_components.domain.errors import Mistake, SettingsInvalid
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


CONFIG = "/etc/backrest/config.json"
_VERSION = 6
"""Of the form: internal/config/migrations/migrations.go; newer ones are migrated from it."""
_PAUSE = "sh /etc/backrest/pause.sh"
_PASSWORD = "/run/secrets/repository-password"  # noqa: S105 - a path
_SOURCE = "/userdata"
_REPOSITORY = "local"
_RESTARTS = "docker-restart-api"


def backrest_files(topology: Topology, service: Service) -> Iterator[ConfigFile]:
    """`config.json`, where it is chosen to run the backups.

    Raises:
        SettingsInvalid: nothing in the stack lets it stop a service for its copy.
    """
    backup = topology.settings.backup
    if backup is None or backup.tool is not BackupTool.BACKREST:
        return
    if not any(wire.offer == _RESTARTS for wire in topology.wires_from(service.name)):
        mistake = Mistake(
            "backup.tool",
            "`backrest`, which may stop no service",
            "`restart-proxy` in `services`: a database is copied only while nobody writes it",
        )
        raise SettingsInvalid(f"Pulumi.{topology.stack}.yaml", [mistake])
    text = json.dumps(_config(topology, service, backup), indent=2)
    yield ConfigFile(
        path=CONFIG,
        content=f"{text}\n",
        source="garethgeorge/backrest, proto/v1/config.proto at v1.14.1",
    )


def _config(topology: Topology, service: Service, backup: BackupSettings) -> dict[str, Any]:
    return {
        "modno": 1,
        "version": _VERSION,
        "instance": topology.stack,
        "repos": [
            {
                "id": _REPOSITORY,
                # Not that of `tame backup`: its password is another one.
                "uri": f"/repos/{topology.stack}-backrest",
                "env": [f"RESTIC_PASSWORD_FILE={_PASSWORD}"],
                "autoInitialize": True,
                "autoUnlock": True,
                "prunePolicy": {"schedule": {"maxFrequencyDays": 30}, "maxUnusedPercent": 10},
                "checkPolicy": {"schedule": {"maxFrequencyDays": 7}, "structureOnly": True},
            }
        ],
        "plans": [
            _plan(topology, one, backup) for one in kept(topology) if one.service != service.name
        ],
        "auth": {"disabled": True},  # its page asks for a user; nothing leads there from outside
    }


def _plan(topology: Topology, one: Kept, backup: BackupSettings) -> dict[str, Any]:
    keep = backup.keep
    return {
        "id": one.service,
        "repo": _REPOSITORY,
        "paths": [inside(_SOURCE, one)],
        "excludes": [inside(_SOURCE, one, glob) for glob in one.excludes],
        "schedule": {"cron": backup.schedule, "clock": "CLOCK_LOCAL"},
        "retention": {
            "policyTimeBucketed": {
                "daily": keep.daily,
                "weekly": keep.weekly,
                "monthly": keep.monthly,
            }
        },
        "hooks": _hooks(topology, one) if one.databases else [],
    }


def _hooks(topology: Topology, one: Kept) -> list[dict[str, Any]]:
    container = topology.container_name(one.service)
    grace = topology.service(one.service).app.stop_grace
    return [
        {
            "conditions": ["CONDITION_SNAPSHOT_START"],
            "onError": "ON_ERROR_FATAL",  # no copy of a service that runs on
            "actionCommand": {"command": f"{_PAUSE} stop {container} {grace}"},
        },
        {
            # Between the two nothing but the end of the program is without a word.
            "conditions": ["CONDITION_SNAPSHOT_END", "CONDITION_SNAPSHOT_ERROR"],
            "onError": "ON_ERROR_RETRY_1MINUTE",
            "actionCommand": {"command": f"{_PAUSE} start {container}"},
        },
    ]
