"""Which Docker engine answers."""

import http.client
import os
import socket
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from tame_components.domain.errors import EngineUnreachable
from testbed.engine.daemon import Daemon


_SCHEME: Final = "unix://"
_SYSTEM: Final = "unix:///var/run/docker.sock"
_PATIENCE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Engine:
    """A Docker engine that answered."""

    host: str
    """Its address as `DOCKER_HOST` and `docker -H` take it."""
    version: str
    """Of the server, e.g. `20.10.24`."""
    private: bool
    """Whether the test bed started it, and may therefore stop it and tag public names in it."""


def find(daemon: Daemon) -> Engine | None:
    """The engine to use: `DOCKER_HOST`, the system's, *daemon*, or the `docker` command's context.

    Raises:
        EngineUnreachable: `DOCKER_HOST` names an engine that does not answer. What the user
            asked for by name is never replaced by another engine.
    """
    named = os.environ.get("DOCKER_HOST")
    if named:
        version = server_version(named)
        if version is None:
            raise EngineUnreachable(named, "`DOCKER_HOST` names it, and nothing answers there")
        return Engine(named, version, private=named == daemon.host)
    for host in dict.fromkeys((_SYSTEM, daemon.host)):
        version = server_version(host)
        if version is not None:
            return Engine(host, version, private=host == daemon.host)
    context = _context_host()
    version = server_version(context) if context else None
    return Engine(context, version, private=False) if context and version else None


def server_version(host: str) -> str | None:
    """The version of the engine at *host*, or None if nothing answers there within 5 s."""
    if not host.startswith(_SCHEME):
        return _version_by_client(host)
    connection = _UnixConnection(host.removeprefix(_SCHEME))
    try:
        connection.request("GET", "/_ping")
        response = connection.getresponse()
        response.read()
        # `/_ping` answers before the engine is ready only with an error.
        if response.status != http.HTTPStatus.OK:
            return None
        server = response.getheader("Server", "")  # "Docker/20.10.24+dfsg1 (linux)"
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return server.partition("/")[2].partition(" ")[0] or "unknown"


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket: a tenth of the time that importing the Docker SDK takes."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE_SECONDS)
        self._path = path

    @override
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _version_by_client(host: str) -> str | None:
    import docker  # noqa: PLC0415 - slow, and needed for tcp and ssh only
    from docker.errors import DockerException  # noqa: PLC0415 - same
    from requests.exceptions import RequestException  # noqa: PLC0415 - same

    try:
        client = docker.DockerClient(base_url=host, timeout=int(_PATIENCE_SECONDS))
        try:
            return str(client.version()["Version"])
        finally:
            client.close()
    except (DockerException, RequestException, OSError):
        return None


def _context_host() -> str | None:
    """Where `docker context use` points: how Docker Desktop and rootless engines are found."""
    from docker.context import ContextAPI  # noqa: PLC0415 - slow, and rarely reached
    from docker.errors import DockerException  # noqa: PLC0415 - same

    try:
        context = ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError):
        return None
    host = getattr(context, "Host", None)
    return host if isinstance(host, str) else None
