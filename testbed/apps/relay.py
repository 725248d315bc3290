"""Passes whole HTTP exchanges to a Unix socket, streams and upgrades included."""

import contextlib
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from typing_extensions import override

from testbed.apps.docker_api import connect


if TYPE_CHECKING:
    from io import BufferedReader


Judge = Callable[[str, str, str], tuple[int, str] | None]
"""(method, path, client's address) -> the status and reason of a refusal, or None."""
_CHUNK = 65536


class _Exchange(BaseHTTPRequestHandler):
    """One request on one connection: the answer ends with it."""

    protocol_version = "HTTP/1.1"
    server: "Relay"

    def _pass(self) -> None:
        self.close_connection = True
        path = unquote(urlsplit(self.path).path)
        refused = self.server.judge(self.command, path, str(self.client_address[0]))
        if refused:
            self._refuse(refused[0])
            return
        try:
            upstream = connect(self.server.target)
        except OSError:
            self._refuse(HTTPStatus.BAD_GATEWAY)
            return
        with upstream:
            upstream.settimeout(None)
            upstream.sendall(self._head())
            threading.Thread(target=self._send_body, args=(upstream,), daemon=True).start()
            self._receive(upstream)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass  # noqa: N815 - names that the standard library looks for
    do_OPTIONS = do_CONNECT = do_TRACE = _pass  # noqa: N815 - same

    def _refuse(self, status: int) -> None:
        body = f"{HTTPStatus(status).phrase}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self) -> bytes:
        """The request's head; the engine is told to close, unless the client wants an upgrade."""
        upgrade = "upgrade" in self.headers.get("Connection", "").lower()
        lines = [f"{self.command} {self.path} HTTP/1.1"]
        for name, value in self.headers.items():
            if upgrade or name.lower() != "connection":
                lines.append(f"{name}: {value}")
        if not upgrade:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _send_body(self, upstream: socket.socket) -> None:
        body = cast("BufferedReader", self.rfile)
        with contextlib.suppress(OSError, ValueError):
            while chunk := body.read1(_CHUNK):
                upstream.sendall(chunk)

    def _receive(self, upstream: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := upstream.recv(_CHUNK):
                self.connection.sendall(chunk)
        with contextlib.suppress(OSError):
            # Wakes the thread that waits for more of the request.
            self.connection.shutdown(socket.SHUT_RDWR)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Refusals are logged by the judge, passed requests are not."""


class Relay(ThreadingHTTPServer):
    """Listens on *host*:*port* and passes what *judge* does not refuse to the socket *target*."""

    daemon_threads = True

    def __init__(self, host: str, port: int, target: str, judge: Judge) -> None:
        self.target = target
        self.judge = judge
        super().__init__((host, port), _Exchange)
