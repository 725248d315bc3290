"""Asking a Docker engine, with the standard library only."""

import http.client
import socket
from urllib.parse import urlsplit

from typing_extensions import override


_PATIENCE_SECONDS = 5.0


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE_SECONDS)
        self._path = path

    @override
    def connect(self) -> None:
        self.sock = connect(self._path)


def connect(path: str) -> socket.socket:
    """A connection to the Unix socket *path*; raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_PATIENCE_SECONDS)
    connection.connect(path)
    return connection


def get(host: str, path: str) -> tuple[int, bytes]:
    """The status and body of GET *path* from the engine at *host* (`unix://` or `tcp://`).

    Raises:
        OSError: nothing answers there.
    """
    split = urlsplit(host)
    connection: http.client.HTTPConnection
    if split.scheme == "unix":
        connection = _UnixConnection(split.path)
    else:
        connection = http.client.HTTPConnection(
            split.hostname or "localhost", split.port or 2375, timeout=_PATIENCE_SECONDS
        )
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
