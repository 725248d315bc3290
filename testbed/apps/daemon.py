"""A program without a port: it is there, under its own name, and ends when it is told to."""

import socketserver
from pathlib import Path

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.web import Handler


_SOCKETS = Path("/tmp")  # noqa: S108 - of the container, whoever runs there


class _Greeting(socketserver.BaseRequestHandler):
    """Says whose socket this is."""

    @override
    def handle(self) -> None:
        name = Path(str(self.server.server_address)).stem
        self.request.sendall(f"{name}\n".encode())


class _Socket(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Daemon(Application):
    """Answers on `/tmp/<app>.sock` with its own name, so that a probe can tell that it runs."""

    @override
    def routes(self) -> None:
        """It speaks no HTTP."""

    @override
    def server(self, handler: Handler) -> socketserver.BaseServer:
        path = _SOCKETS / f"{self.place.app}.sock"
        path.unlink(missing_ok=True)
        return _Socket(str(path), _Greeting)

    @override
    def listening(self, port: int) -> None:
        self.log("Info", f"{self.process or self.place.app} runs")
