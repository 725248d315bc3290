"""The two resolvers of the rehearsal: in the namespace, and at the provider."""

import socket
import struct

from testbed.vpn import wan
from testbed.vpn.gluetun import dns
from testbed.vpn.wan import names


def _question(name: str, kind: int = 1) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return b"\x12\x34\x01\x00\x00\x01" + bytes(6) + labels + b"\0" + struct.pack("!HH", kind, 1)


def test_only_a_name_of_one_label_is_asked_from_docker() -> None:
    """`radarr` is a container; anything with a dot goes through the tunnel, so no name leaks."""
    assert dns.is_local(_question("radarr"))
    assert not dns.is_local(_question("tracker.example.org"))


def test_a_failed_question_is_answered_as_failed() -> None:
    """SERVFAIL, with the question's own id: clients give up at once instead of waiting."""
    answer = dns.failed(_question("tracker.example.org"))

    assert (answer[:2], answer[3] & 15) == (b"\x12\x34", 2)


def test_the_provider_knows_the_witness_and_nothing_else() -> None:
    """An address for the witness, nothing of another type, and NXDOMAIN for all others."""
    known = names.answer(_question(wan.WITNESS_NAME))
    other_type = names.answer(_question(wan.WITNESS_NAME, kind=28))
    unknown = names.answer(_question("example.org"))

    assert known.endswith(socket.inet_aton(wan.GATEWAY))
    assert (other_type[3] & 15, other_type[7]) == (0, 0)
    assert (unknown[3] & 15, unknown[7]) == (3, 0)
