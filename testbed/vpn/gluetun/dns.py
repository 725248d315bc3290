"""The resolver on 127.0.0.1: names of containers from Docker, all others through the tunnel."""

import socket
import threading
from pathlib import Path
from typing import Final

from testbed.vpn.gluetun.commands import log


_RESOLV_CONF: Final = Path("/etc/resolv.conf")
_DOCKER: Final = "127.0.0.11"
_PORT: Final = 53
_MAX_DATAGRAM: Final = 4096
_HEADER_BYTES: Final = 12
_SERVER_FAILED: Final = 2
_SECONDS: Final = 5.0
_QUESTION: Final = b"\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01"


def check(server: str, seconds: float) -> None:
    """Asks *server* for the root's name servers; raises OSError if nothing answers."""
    _ask(_QUESTION, server, seconds)


def _ask(query: bytes, server: str, seconds: float = _SECONDS) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
        upstream.settimeout(seconds)
        upstream.connect((server, _PORT))
        upstream.send(query)
        return upstream.recv(_MAX_DATAGRAM)


def is_local(query: bytes) -> bool:
    """Whether the question's name is one label: a container, which only Docker can know."""
    first = query[_HEADER_BYTES]
    return first > 0 and query[_HEADER_BYTES + 1 + first] == 0


def failed(query: bytes) -> bytes:
    """The answer SERVFAIL to *query*."""
    return query[:2] + bytes((0x81, 0x80 | _SERVER_FAILED)) + query[4:6] + bytes(6) + query[12:]


class Resolver:
    """Serves UDP on 127.0.0.1:53 and makes it the only name server of the namespace."""

    def __init__(self, gateway: str, resolv_conf: Path = _RESOLV_CONF) -> None:
        self._gateway = gateway
        self._resolv_conf = resolv_conf
        self._socket: socket.socket | None = None
        self._local = _DOCKER

    @property
    def running(self) -> bool:
        """Whether it answers."""
        return self._socket is not None

    def start(self) -> None:
        """Starts it, once; the namespace's members share the file that names it."""
        if self._socket is not None:
            return
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", _PORT))
        self._socket = server
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()
        lines = self._resolv_conf.read_text().splitlines()
        kept = [line for line in lines if not line.startswith(("nameserver", "#"))]
        self._resolv_conf.write_text("\n".join(["nameserver 127.0.0.1", *kept]) + "\n")
        log("INFO", f"ready; other names are asked from {self._gateway}", "dns")

    def stop(self) -> None:
        """Stops answering; the namespace has no names then."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                query, client = server.recvfrom(_MAX_DATAGRAM)
            except OSError:
                return  # closed
            threading.Thread(target=self._answer, args=(server, query, client), daemon=True).start()

    def _answer(self, server: socket.socket, query: bytes, client: tuple[str, int]) -> None:
        try:
            answer = _ask(query, self._local if is_local(query) else self._gateway)
        except (OSError, IndexError):
            answer = failed(query)
        try:
            server.sendto(answer, client)
        except OSError:
            return  # closed meanwhile
