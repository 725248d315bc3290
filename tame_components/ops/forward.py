"""A service's UI on loopback, without publishing a port."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from tame_components.domain.lifecycle import State
from tame_components.domain.topology import Topology
from tame_components.ops.errors import NotReachable, NoUserInterface, PortTaken, ServiceNotRunning
from tame_components.ops.observe import Engine, containers_of, label, name_of, state_of


LOOPBACK = "127.0.0.1"
_CONNECT_TIMEOUT = 5.0
"""Seconds; a container on this machine answers in milliseconds."""
_CHUNK = 65_536

Address = tuple[str, int]


def ui_address(topology: Topology, service: str, engine: Engine) -> Address:
    """Where the UI of *service* listens: its container's address, or its VPN gateway's.

    Raises:
        UnknownService: the stack lacks it.
        NoUserInterface: it has no UI.
        ServiceNotRunning: its container, or its gateway's, does not run.
        EngineUnreachable: the engine went away.
    """
    fact = topology.service(service, asked_by="tame open")
    port = fact.app.port()
    if port is None:
        openable = [one.name for one in topology.services if one.app.port()]
        raise NoUserInterface(service, openable)
    found = {label(one, "tame.service"): one for one in containers_of(topology, engine)}
    for name in (service, fact.home):
        state = state_of(found[name]) if name in found else State.MISSING
        if state in {State.MISSING, State.STOPPED, State.RESTARTING}:
            raise ServiceNotRunning(name, topology.container_name(name), state)
    if fact.host_network:
        return LOOPBACK, port.number
    networks = [network.name for network in topology.networks_of(fact)]
    address = _address(found[fact.home], networks)
    if address is None:
        raise ServiceNotRunning(fact.home, name_of(found[fact.home]), "on no network of the stack")
    return address, port.number


def _address(container: Mapping[str, Any], networks: list[str]) -> str | None:
    """The container's address on the first of *networks* that it is on."""
    attached = (container.get("NetworkSettings") or {}).get("Networks") or {}
    for name in networks:
        if address := (attached.get(name) or {}).get("IPAddress"):
            return str(address)
    return None


def check_reachable(service: str, target: Address, engine: str, port: int) -> None:
    """Make sure that this machine reaches *target*.

    Raises:
        NotReachable: it does not; the hint has the command that helps.
    """
    try:
        socket.create_connection(target, _CONNECT_TIMEOUT).close()
    except OSError as error:
        command = ssh_command(engine, target, port)
        raise NotReachable(service, f"{target[0]}:{target[1]}", command) from error


def ssh_command(engine: str, target: Address, port: int) -> str:
    """The command that forwards *target*, seen from the engine's machine, to loopback here."""
    where = urlsplit(engine)
    user = f"{where.username}@" if where.username else ""
    at = f" -p {where.port}" if where.scheme == "ssh" and where.port else ""
    host = where.hostname or "THE-ENGINES-MACHINE"
    return f"ssh -N -L {LOOPBACK}:{port or target[1]}:{target[0]}:{target[1]}{at} {user}{host}"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False  # an open connection must not keep the command alive

    def __init__(self, port: int, target: Address) -> None:
        self.target = target
        super().__init__((LOOPBACK, port), _Connection)


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    @override
    def handle(self) -> None:
        try:
            onward = socket.create_connection(self.server.target, _CONNECT_TIMEOUT)
        except OSError:
            return  # the service is restarting: the browser says so, and the next try may work
        onward.settimeout(None)
        with onward:
            back = threading.Thread(target=_pump, args=(onward, self.request), daemon=True)
            back.start()
            _pump(self.request, onward)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Copy until *source* has no more, then say so to *target*."""
    with contextlib.suppress(OSError):  # either side may hang up at any time
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def forwarding(target: Address, port: int = 0) -> Iterator[int]:
    """Forward loopback's *port* (0: a free one) to *target*; the port that listens.

    Raises:
        PortTaken: the port cannot be had.
    """
    try:
        server = _Server(port, target)
    except OSError as error:
        raise PortTaken(port, error.strerror or str(error)) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
