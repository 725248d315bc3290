"""What is run on the engine's host to look after it: POSIX scripts, safe to run twice.

Each is a file of functions beside this one, between the values it needs and the calls: nothing has
to be passed in the environment, which an SSH server does not take (sshd_config(5), AcceptEnv).
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

from tame_components.domain.errors import DataRootUnmarked
from tame_components.domain.file_systems import NETWORK_TYPES
from tame_components.domain.host_errors import (
    ConfigOnNetworkShare,
    FileSystemMissing,
    HostNotOurs,
    NoTimer,
    PruningImpossible,
)
from tame_components.domain.hosts import PreparationSettings, is_local
from tame_components.domain.paths import MARKER
from tame_components.domain.rendering import owner_of, state_directory
from tame_components.domain.snapshot_hook import SnapshotHook
from tame_components.domain.topology import Topology
from tame_components.generated.host.calendar import calendar


FRESH_LOGS = '{"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}}'
"""The engine's settings where it has none. As each container of ours says for itself."""

_TWO_WEEKS = "336h"
_SETTINGS_OF = {
    "unix:///var/run/docker.sock": "/etc/docker/daemon.json",
    "unix:///run/docker.sock": "/etc/docker/daemon.json",
}
"""An engine behind another socket was told where its settings are by whoever started it."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What the host does by itself, at its times."""

    start: str
    """Makes the entry in the host's scheduler, or changes it."""
    stop: str
    """Removes it."""


def checks(topology: Topology, *, root: str = "") -> str:
    """Fails, with everything that is wrong, where a file system is not what it has to be.

    Args:
        topology: the stack.
        root: in front of `/proc`; a test's own tree.
    """
    settings, asked = topology.settings, _asked(topology)
    data_root = topology.data.root
    unmarked = DataRootUnmarked(data_root, MARKER)
    shared = ConfigOnNetworkShare(settings.config_root)
    calls = [
        *(
            _call("must_be_mounted", path, str(FileSystemMissing(path)))
            for path in asked.file_systems
        ),
        _call("must_be_marked", f"{data_root}/{MARKER}", str(unmarked)),
        _call("must_be_local", settings.config_root, str(shared), " ".join(NETWORK_TYPES)),
        "exit $failed",
    ]
    return _script("checks.sh", {"ROOT": root}, calls)


def tree(topology: Topology) -> str:
    """Makes the folders that are missing, and gives the tree's own to the one group."""
    umask, data = _asked(topology).umask, topology.data
    others = "r-x" if umask == "002" else "---"
    values = {
        "GID": str(topology.settings.identity.gid),
        "MODE": "2775" if umask == "002" else "2770",
        "DEFAULTS": f"d:u::rwx,d:g::rwx,d:o::{others}",
        "NOT_OURS": str(HostNotOurs(data.root)),
    }
    folders = sorted(
        f"{data.root}/{folder}"
        for folder in {*data.folders, *(str(PurePosixPath(one).parent) for one in data.folders)}
        if folder != "."
    )
    calls = [*(_call("shared", folder) for folder in folders), *_owned(topology), "say_lists"]
    return _script("tree.sh own.sh", values, calls)


def missing_folders(topology: Topology) -> str:
    """Makes what is missing below the data and the config root, and looks after nothing else.

    Folders that exist keep their owner and mode: they are the user's. New ones of the data tree
    belong to the one group, which every service writes as (umask 002), and hand the group on to
    what is made below; a new state directory is its service's.
    """
    data = topology.data
    unmarked = str(DataRootUnmarked(data.root, MARKER))
    values = {"GID": str(topology.settings.identity.gid), "NOT_OURS": str(HostNotOurs(data.root))}
    calls = [
        _call("must_be_marked", f"{data.root}/{MARKER}", unmarked),
        *(_call("shared", f"{data.root}/{folder}") for folder in data.folders),
        *_owned(topology),
    ]
    return _script("folders.sh own.sh", values, calls)


def _owned(topology: Topology) -> Iterator[str]:
    for service in topology.services:
        directory = state_directory(topology, service)
        if directory and not service.host:
            yield _call("own", directory, owner_of(topology, service))


def pruning(topology: Topology, *, root: str = "") -> Scheduled | None:
    """How images that nothing uses go; None where they stay.

    Args:
        topology: the stack.
        root: in front of `/etc` and `/run`; a test's own tree.
    """
    schedule, engine = _asked(topology).prune_images, topology.settings.engine
    if schedule is None:
        return None
    host = f"--host {shlex.quote(engine)} " if is_local(engine) else ""
    arguments = f"{host}image prune --all --force --filter until={_TWO_WEEKS}"
    values = {
        "ROOT": root,
        "NAME": f"tame-prune-{topology.stack}",
        "CRON": schedule,
        "CALENDAR": "\n".join(calendar(schedule)),
        "ARGUMENTS": arguments,
        "NO_DOCKER": str(PruningImpossible("it has no `docker` command", arguments)),
        "NAS": str(PruningImpossible("its firmware forgets foreign entries", arguments)),
        "NO_SCHEDULER": str(PruningImpossible("it runs neither systemd nor cron", arguments)),
    }
    return Scheduled(
        start=_script("prune.sh", values, ["schedule"]),
        stop=_script("prune.sh", values, ["unschedule"]),
    )


def snapshot(hook: SnapshotHook) -> str:
    """Takes a snapshot now, removes the oldest ones of ours, and prints the new one's name."""
    values = {"KIND": hook.kind.value, "OF": hook.of, "KEEP": str(hook.keep)}
    return _script("snapshot.sh", values, ["snapshot"])


def weekly_snapshots(topology: Topology, *, root: str = "") -> Scheduled | None:
    """When snapshots of everything are taken on the engine's host; None where nobody asked.

    Args:
        topology: the stack.
        root: in front of `/etc`, `/run` and `/usr`; a test's own tree.
    """
    hook = _asked(topology).snapshot_hook
    if hook is None or hook.weekly is None:
        return None
    values = {
        "ROOT": root,
        "NAME": f"tame-snapshot-{topology.stack}",
        "CALENDAR": "\n".join(calendar(hook.weekly)),
        "PROGRAM": snapshot(hook),
        "NO_SCHEDULER": str(NoTimer("preparation.snapshot_hook.weekly")),
    }
    return Scheduled(
        start=_script("snapshot_timer.sh", values, ["schedule"]),
        stop=_script("snapshot_timer.sh", values, ["unschedule"]),
    )


def log_rotation(topology: Topology, *, root: str = "") -> str | None:
    """Merges rotation of logs into the engine's settings; None where that is not asked for.

    Args:
        topology: the stack.
        root: in front of `/etc` and `/proc`; a test's own tree.
    """
    engine = topology.settings.engine
    if not _asked(topology).log_rotation:
        return None
    file = _SETTINGS_OF.get(engine) if is_local(engine) else "/etc/docker/daemon.json"
    values = {
        "ROOT": root,
        "FILE": f"{root}{file or ''}",
        "FRESH": FRESH_LOGS,
        "RESTART": "`systemctl restart docker` when it suits you, it restarts every container",
    }
    elsewhere = f"nobody told where the engine at {engine} keeps its settings"
    return _script("logs.sh", values, ["rotate"] if file else [_call("leave", elsewhere)])


def _asked(topology: Topology) -> PreparationSettings:
    return topology.settings.preparation or PreparationSettings()


def _call(function: str, *arguments: str) -> str:
    return " ".join([function, *map(shlex.quote, arguments)])


def _script(files: str, values: dict[str, str], calls: list[str]) -> str:
    assigned = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    functions = [_functions(file) for file in files.split()]
    return "\n".join(["set -eu", *assigned, *functions, *calls]) + "\n"


@cache
def _functions(file: str) -> str:
    return (resources.files(__package__) / file).read_text("utf-8").rstrip("\n")
