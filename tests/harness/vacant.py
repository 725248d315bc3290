"""Ports, subnets and tags that nobody has, and that no other worker of the run is given.

A port below the kernel's ephemeral range is taken by no outgoing connection between the moment in
which it is found and the one in which it is used.
"""

import errno
import os
import random
import socket
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path


_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw11").removeprefix("gw")) % 12
"""Which of twelve slices is this process's; the last one without workers."""
_FIRST, _WIDTH = 20_000, 1_000
_HOSTS = 256

# Another run on this machine has the same slices, so each begins somewhere else.
_dice = random.Random()  # noqa: S311 - not for secrets
_ports = _dice.sample(range(_FIRST + _WORKER * _WIDTH, _FIRST + (_WORKER + 1) * _WIDTH), _WIDTH)
_subnets = _dice.sample(range(_HOSTS), _HOSTS)


def free_port() -> int:
    """A TCP port of loopback, from 20000 to 31999, that nobody listens on; never the same twice."""
    while True:
        port = _ports.pop()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port


def free_subnet() -> IPv4Network:
    """A /24 below 10.208.0.0/12 that no route of this machine leads to; never the same twice."""
    taken = _routed()
    while True:
        subnet = IPv4Network(f"10.{208 + _WORKER}.{_subnets.pop()}.0/24")
        if not any(subnet.overlaps(one) for one in taken):
            return subnet


def absent_tag() -> str:
    """A tag that no image has."""
    return f"9.9.{_dice.randrange(10**9)}"


def _routed() -> list[IPv4Network]:
    """Where the machine's routes lead, but for the default one; Docker's networks are there."""
    rows = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
    routes = [IPv4Network((_address(row[1]), str(_address(row[7])))) for row in rows]
    return [one for one in routes if one.prefixlen]


def _address(field: str) -> IPv4Address:
    """The kernel writes the four bytes as one little-endian number."""
    return IPv4Address(bytes.fromhex(field)[::-1])
