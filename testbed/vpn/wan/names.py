"""The provider's resolver: it knows the witness and nothing else."""

import socket
import struct
from typing import Final

from testbed.vpn import wan


_PORT: Final = 53
_A, _IN = 1, 1
_NO_SUCH_NAME: Final = 3
_TTL_SECONDS: Final = 5
_HEADER_BYTES: Final = 12


def serve() -> None:
    """Answers UDP on the tunnel's gateway address for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((wan.TUNNEL_GATEWAY, _PORT))
        while True:
            query, client = server.recvfrom(512)
            if len(query) > _HEADER_BYTES:
                server.sendto(answer(query), client)


def answer(query: bytes) -> bytes:
    """The address of the witness, no address of another type, or NXDOMAIN."""
    labels, end = [], _HEADER_BYTES
    while end < len(query) and (size := query[end]):
        labels.append(query[end + 1 : end + 1 + size].decode("ascii", "replace").lower())
        end += 1 + size
    question = query[_HEADER_BYTES : end + 5]
    known = ".".join(labels) == wan.WITNESS_NAME
    wanted = len(question) >= 4 and struct.unpack("!HH", question[-4:]) == (_A, _IN)  # noqa: PLR2004 - type and class
    records = 1 if known and wanted else 0
    flags = 0x8180 | (0 if known or not labels else _NO_SUCH_NAME)
    head = query[:2] + struct.pack("!HHHHH", flags, 1, records, 0, 0)
    if not records:
        return head + question
    record = struct.pack("!HHHIH", 0xC00C, _A, _IN, _TTL_SECONDS, 4)
    return head + question + record + socket.inet_aton(wan.GATEWAY)
