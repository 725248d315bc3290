"""What of the host a service sees: its state, the data tree, and what its application asks for."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tame_components.domain.app import DataAccess
from tame_components.domain.app_traits import ExtraMount
from tame_components.domain.container import DOCKER_SOCKET, Mount
from tame_components.domain.hosts import socket_of
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


METRICS = ".metrics"
"""Below the config root: where whoever does not answer Prometheus leaves figures, as `*.prom`."""


def state_directory(topology: Topology, service: Service) -> str | None:
    """Where on its host *service* keeps what would be missed; None where it keeps nothing."""
    if service.app.state is None:
        return None
    return str(PurePosixPath(_config_root(topology, service)) / service.name)


def mounts_of(topology: Topology, service: Service) -> tuple[Mount, ...]:
    """Every mount of *service*, by target."""
    app, mounts = service.app, []
    directory = state_directory(topology, service)
    if app.state and directory:
        mounts.append(Mount.state(directory, app.state.directory))
    if app.data is not DataAccess.NONE:
        read_only = app.data is DataAccess.READ and topology.data.read_only_players
        mounts.append(Mount.data(_data_root(topology, service), read_only=read_only))
    if app.docker_socket:
        mounts.append(Mount.docker_socket(_socket(topology, service)))
    for extra in app.mounts:
        mounts += _extra(topology, service, extra)
    return tuple(sorted(mounts, key=lambda mount: mount.target))


def _extra(topology: Topology, service: Service, extra: ExtraMount) -> Iterator[Mount]:
    backup = topology.settings.backup
    match extra.what:
        case "host":
            yield _bind(extra.path, extra.target, extra)
        case "config-root":
            yield _bind(_config_root(topology, service), extra.target, extra)
        case "metrics":
            directory = PurePosixPath(_config_root(topology, service)) / METRICS
            yield _bind(str(directory), extra.target, extra)
        case "backups":
            if backup is not None:
                yield _bind(backup.repository, extra.target, extra)
        case "state-of":
            for other in topology.offering(extra.offer or ""):
                state = state_directory(topology, other)
                if state and other.host == service.host:
                    source = str(PurePosixPath(state) / extra.path)
                    yield _bind(source, extra.target.replace("{service}", other.name), extra)


def _bind(source: str, target: str, extra: ExtraMount) -> Mount:
    return Mount(source=source, target=target, read_only=extra.read_only)


def _config_root(topology: Topology, service: Service) -> str:
    settings = topology.settings
    elsewhere = settings.hosts[service.host].config_root if service.host else None
    return elsewhere or settings.config_root


def _data_root(topology: Topology, service: Service) -> str:
    settings = topology.settings
    elsewhere = settings.hosts[service.host].data_root if service.host else None
    return elsewhere or topology.data.root


def _socket(topology: Topology, service: Service) -> str:
    settings = topology.settings
    engine = settings.hosts[service.host].engine if service.host else settings.engine
    return socket_of(engine) or DOCKER_SOCKET
