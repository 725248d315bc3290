"""Which sockets an application listens on: others than before, and it was started again.

An image with a supervisor starts a program that ends once more by itself, within a second, and its
container lives on. The engine sees nothing of it, and a probe between two of them neither.
"""

from collections.abc import Collection, Iterator
from pathlib import Path


_LISTEN = "0A"
"""`TCP_LISTEN` in hexadecimal: Linux, include/net/tcp_states.h."""
_ADDRESS, _STATE, _INODE = 1, 3, 9
"""Columns of `/proc/PID/net/tcp`: proc_pid_net(5)."""


def listeners(pid: int, ports: Collection[int], proc: Path = Path("/proc")) -> frozenset[int]:
    """The inodes of the sockets that listen on *ports* where the process *pid* lives.

    Empty where nothing does, or nobody may look.
    """
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / str(pid) / "net" / table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        found |= set(_inodes(lines, ports))
    return frozenset(found)


def _inodes(lines: Collection[str], ports: Collection[int]) -> Iterator[int]:
    for line in lines:
        columns = line.split()
        port = int(columns[_ADDRESS].rpartition(":")[2], 16)
        if columns[_STATE] == _LISTEN and port in ports:
            yield int(columns[_INODE])
