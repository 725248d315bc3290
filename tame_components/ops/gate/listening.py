"""Which sockets an application listens on: others than before, and it was started again.

An image with a supervisor starts a program that ends once more by itself, within a second, and its
container lives on. The engine sees nothing of it, and a probe between two of them neither.
"""

from collections.abc import Collection, Iterator, Mapping

from tame_components.ops.host import Host


_LISTEN = "0A"
"""`TCP_LISTEN` in hexadecimal: Linux, include/net/tcp_states.h."""
_ADDRESS, _STATE, _INODE = 1, 3, 9
"""Columns of `/proc/PID/net/tcp`: proc_pid_net(5)."""


def listeners(asked: Mapping[int, Collection[int]], host: Host) -> dict[int, frozenset[int]]:
    """The inodes of the sockets that listen where processes of *host* live, by process.

    Empty where nothing does, or nobody may look.

    Args:
        asked: the ports that are looked at, by process.
        host: where the processes are.

    Raises:
        OSError: the host does not answer.
    """
    tables = {pid: [f"/proc/{pid}/net/{one}" for one in ("tcp", "tcp6")] for pid in asked}
    texts = host.texts(*(path for paths in tables.values() for path in paths))
    return {
        pid: frozenset(
            inode
            for path in tables[pid]
            for inode in _inodes(texts.get(path, "").splitlines()[1:], ports)
        )
        for pid, ports in asked.items()
    }


def _inodes(lines: Collection[str], ports: Collection[int]) -> Iterator[int]:
    for line in lines:
        columns = line.split()
        port = int(columns[_ADDRESS].rpartition(":")[2], 16)
        if columns[_STATE] == _LISTEN and port in ports:
            yield int(columns[_INODE])
