"""`tame open` forwards bytes, on loopback only."""

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest
from typing_extensions import override

from tame_components.ops.errors import NotReachable, NoUserInterface, PortTaken, ServiceNotRunning
from tame_components.ops.forward import check_reachable, forwarding, ssh_command, ui_address
from tests.harness.stacks import only, topology
from tests.ops.answers import Engine


class _Shout(socketserver.StreamRequestHandler):
    """Answers once the caller has said all it has to say: needs half-closed connections."""

    @override
    def handle(self) -> None:
        self.wfile.write(self.rfile.read().upper())


@pytest.fixture
def target() -> Iterator[tuple[str, int]]:
    """A small server on loopback."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Shout) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield "127.0.0.1", server.server_address[1]
        server.shutdown()
        thread.join()


def _call(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_bytes_pass_both_ways_unchanged(target: tuple[str, int]) -> None:
    """A megabyte arrives whole, and so does the answer, though the caller hung up its half."""
    words = b"abcdefgh" * 131_072

    with forwarding(target) as port:
        assert _call(port, words) == words.upper()
        assert _call(port, b"again") == b"AGAIN"


def test_only_loopback_listens(target: tuple[str, int]) -> None:
    """Another address of this machine refuses: nobody else may use the operator's session."""
    with (
        forwarding(target) as port,
        pytest.raises(ConnectionRefusedError),
        socket.create_connection(("127.0.0.2", port), 5),
    ):
        pass


def test_nothing_listens_afterwards(target: tuple[str, int]) -> None:
    """Ctrl-C ends the forwarding."""
    with forwarding(target) as port:
        pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)


def test_a_taken_port_is_an_error_of_ours(target: tuple[str, int]) -> None:
    """TAME506, and the way out."""
    with pytest.raises(PortTaken, match="--port"), forwarding(target, target[1]):
        pass


def test_a_member_is_found_at_its_gateway() -> None:
    """A torrent client has no address of its own."""
    stack = only("gluetun", "qbittorrent")

    assert ui_address(stack, "qbittorrent", Engine(stack)) == ("172.18.0.2", 8080)


def test_a_service_without_a_ui_cannot_be_opened() -> None:
    """TAME305 lists those that can."""
    stack = topology()

    with pytest.raises(NoUserInterface, match="`radarr`"):
        ui_address(stack, "gluetun", Engine(stack))


def test_a_member_of_a_stopped_gateway_cannot_be_opened() -> None:
    """The error names the gateway, which is what has to be started."""
    stack = only("gluetun", "qbittorrent")
    engine = Engine(stack, gluetun={"State": "exited", "Status": "Exited (0) 1 second ago"})

    with pytest.raises(ServiceNotRunning, match="`gluetun` does not run"):
        ui_address(stack, "qbittorrent", engine)


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        ("ssh://me@nas:2222", "ssh -N -L 127.0.0.1:8080:10.0.0.2:8080 -p 2222 me@nas"),
        ("tcp://nas:2376", "ssh -N -L 127.0.0.1:8080:10.0.0.2:8080 nas"),
    ],
)
def test_an_engine_elsewhere_needs_ssh(engine: str, expected: str) -> None:
    """The command can be copied as it stands."""
    assert ssh_command(engine, ("10.0.0.2", 8080), 0) == expected


def test_an_address_that_does_not_answer_is_told(target: tuple[str, int]) -> None:
    """TAME505 instead of a browser that waits."""
    check_reachable("radarr", target, "unix:///run/none.sock", 0)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, and never listening
        with pytest.raises(NotReachable):
            check_reachable("radarr", unused.getsockname(), "ssh://nas", 0)
