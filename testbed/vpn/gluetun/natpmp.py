"""NAT-PMP (RFC 6886), the part that ProtonVPN's port forwarding uses."""

import socket
import struct
from typing import Final


PORT: Final = 5351
"""Where a gateway listens."""
UDP, TCP = 1, 2
"""Operation codes of a mapping request, which are also the protocols."""
RESPONSE: Final = 128
LIFETIME_SECONDS: Final = 60
_TRIES: Final = (0.25, 0.5, 1.0, 2.0)


class RefusedError(OSError):
    """The gateway answered with an error."""


def external_address(gateway: str) -> str:
    """The gateway's own address on the Internet; raises OSError."""
    answer = _call(gateway, struct.pack("!BB", 0, 0), 12)
    return socket.inet_ntoa(answer[8:12])


def map_port(gateway: str, protocol: int, external: int) -> int:
    """The external port that the gateway gave for *external* wished; raises OSError."""
    request = struct.pack("!BBHHHI", 0, protocol, 0, 0, external, LIFETIME_SECONDS)
    answer = _call(gateway, request, 16)
    assigned: int = struct.unpack("!H", answer[10:12])[0]
    return assigned


def _call(gateway: str, request: bytes, size: int) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((gateway, PORT))
        for seconds in _TRIES:
            client.settimeout(seconds)
            client.send(request)
            try:
                answer = client.recv(64)
            except TimeoutError:
                continue
            if len(answer) != size or answer[1] != request[1] + RESPONSE:
                raise RefusedError(f"executing remote procedure call: {len(answer)} bytes came")
            if result := struct.unpack("!H", answer[2:4])[0]:
                raise RefusedError(f"executing remote procedure call: result code {result}")
            return answer
    raise TimeoutError(f"executing remote procedure call: no answer from {gateway}")
