"""The server's side of NAT-PMP (RFC 6886): one port of the server for each client that asks."""

import socket
import struct
import time
from typing import Final

from testbed.vpn import wan
from testbed.vpn.gluetun import natpmp
from testbed.vpn.gluetun.commands import CommandError, log, run


_FIRST_PORT: Final = 40000
_PROTOCOLS: Final = {natpmp.UDP: "udp", natpmp.TCP: "tcp"}
_REQUEST_BYTES: Final = 12
_UNSUPPORTED: Final = 5
_NETWORK_FAILURE: Final = 3


def serve() -> None:
    """Answers on the tunnel's gateway address for ever."""
    opened: set[tuple[str, int]] = set()
    epoch = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((wan.TUNNEL_GATEWAY, natpmp.PORT))
        while True:
            request, client = server.recvfrom(64)
            seconds = int(time.monotonic() - epoch)
            server.sendto(_answer(request, client[0], seconds, opened), client)


def _answer(request: bytes, client: str, seconds: int, opened: set[tuple[str, int]]) -> bytes:
    operation = request[1] if len(request) > 1 else 0
    head = (0, operation + natpmp.RESPONSE)
    if operation == 0:
        return struct.pack("!BBHI", *head, 0, seconds) + socket.inet_aton(wan.SERVER)
    if operation not in _PROTOCOLS or len(request) != _REQUEST_BYTES:
        return struct.pack("!BBHI", *head, _UNSUPPORTED, seconds)
    port = port_of(client)
    try:
        if (client, operation) not in opened:
            _open(client, _PROTOCOLS[operation], port)
            opened.add((client, operation))
    except CommandError as error:
        log("ERROR", str(error), "natpmp")
        return struct.pack("!BBHI", *head, _NETWORK_FAILURE, seconds)
    lifetime = struct.unpack("!I", request[8:12])[0]
    return struct.pack("!BBHIHHI", *head, 0, seconds, port, port, lifetime)


def port_of(client: str) -> int:
    """The port of the client with the tunnel address *client*: always the same one."""
    return _FIRST_PORT + int(client.rpartition(".")[2])


def _open(client: str, protocol: str, port: int) -> None:
    match = ("-i", "eth0", "-p", protocol, "--dport", str(port))
    target = ("-j", "DNAT", "--to-destination", f"{client}:{port}")
    run("iptables", "--wait", "-t", "nat", "-A", "PREROUTING", *match, *target)
    log("INFO", f"{protocol} port {port} leads to {client}", "natpmp")
