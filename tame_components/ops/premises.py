"""What the machine of the engine has to have before anything is made: here, or behind `ssh`.

Where only the engine's port leads to it, nobody can look, and nothing is claimed.
"""

from collections.abc import Iterator
from pathlib import Path

from tame_components.domain.container import DOCKER_SOCKET
from tame_components.domain.errors import DataRootUnmarked, EngineUnreachable
from tame_components.domain.file_systems import NETWORK_TYPES, kind_of
from tame_components.domain.host_errors import FileSystemMissing
from tame_components.domain.hosts import socket_of
from tame_components.domain.paths import MARKER
from tame_components.domain.topology import Topology
from tame_components.ops.host import Host
from tame_components.ops.mounts import is_mount_point, mounted


_LACKING = 'for one; do test -d "$one" || echo "$one"; done'
_RESOLVED = 'ls "$1" >/dev/null 2>&1; readlink -f "$1"'
"""What autofs mounts on demand is mounted when it is listed."""


def conflicts_of(topology: Topology) -> list[str]:
    """What is in the way there, each in a line.

    Raises:
        DataRootUnmarked: the data tree is not there; most likely its disk is not mounted.
        FileSystemMissing: a file system that has to be mounted is not.
        EngineUnreachable: the machine does not answer.
    """
    host = Host(topology.settings.engine)
    if host.beyond:
        return []
    try:
        _refuse(topology, host)
        return [*_shared(topology, host), *_socket_group(topology, host), *_folders(topology, host)]
    except ConnectionError as error:
        raise EngineUnreachable(host.engine, str(error)) from error


def _refuse(topology: Topology, host: Host) -> None:
    root = topology.data.root
    if not host.has(f"{root}/{MARKER}"):
        raise DataRootUnmarked(root, MARKER, "" if host.here else host.name)
    preparation = topology.settings.preparation
    for path in preparation.file_systems if preparation else ():
        if not (mounted(path) if host.here else _mounted_there(path, host)):
            raise FileSystemMissing(path)


def _mounted_there(path: str, host: Host) -> bool:
    real = _say(host, "sh", "-c", _RESOLVED, "sh", path)
    table = host.mounts()
    return table is None or is_mount_point(real, table)


def _shared(topology: Topology, host: Host) -> Iterator[str]:
    root = topology.settings.config_root
    kind = kind_of(root, host.mounts() or "")
    if kind in NETWORK_TYPES:
        yield f"config: `{root}` lies on `{kind}`, a network file system; SQLite needs a local one"


def _socket_group(topology: Topology, host: Host) -> Iterator[str]:
    if not any(one.app.docker_socket and not one.host for one in topology.services):
        return
    asked = topology.settings.identity.docker_gid
    path = socket_of(host.engine) or DOCKER_SOCKET
    if host.here:
        found = str(Path(path).stat().st_gid)
    else:
        found = _say(host, "stat", "-L", "-c", "%g", path) or str(asked)  # nobody can tell
    if found != str(asked):
        yield (
            f"socket: `{path}` belongs to group `{found}`, and `tame:identity.docker_gid` "
            f"is `{asked}`"
        )


def _folders(topology: Topology, host: Host) -> Iterator[str]:
    """Here, or with `preparation`, the program makes them itself."""
    if host.here or topology.settings.preparation is not None:
        return
    wanted = [f"{topology.data.root}/{folder}" for folder in topology.data.folders]
    lacking = _say(host, "sh", "-c", _LACKING, "sh", *wanted).splitlines()
    if lacking:
        yield (
            f"data: {', '.join(f'`{one}`' for one in lacking)} of `{host.name}` must be there: "
            "make them, or let `tame:preparation.over` do it"
        )


def _say(host: Host, *words: str) -> str:
    """What a command prints there."""
    return host.run(*words).stdout.decode(errors="replace").strip()
