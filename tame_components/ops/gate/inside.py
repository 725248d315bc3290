"""A program that tries something from inside a container's namespaces, or from one of its own.

Started as a file by `namespaces`, as root. Imports nothing of TAME and, once it has entered,
nothing at all: Python's files may not be there. Reads JSON from its arguments, prints JSON.

`os.setns` is of Python 3.12; the C library has it always.
"""

import contextlib
import ctypes
import errno
import json
import os
import select
import socket
import sys
import time
from typing import Any
from urllib.parse import quote


_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNS, _CLONE_NEWNET = 0x0002_0000, 0x4000_0000
_TIMEOUT = 2.0
"""Seconds for all connections: the other ends are on this machine."""


def enter(pid: int, kind: str) -> None:
    """Move this process into the namespace *kind* (`mnt` or `net`) of the process *pid*."""
    flag = {"mnt": _CLONE_NEWNS, "net": _CLONE_NEWNET}[kind]
    with open(f"/proc/{pid}/ns/{kind}") as namespace:  # noqa: PTH123 - pathlib is not needed
        if _LIBC.setns(namespace.fileno(), flag):
            raise OSError(ctypes.get_errno(), f"setns of {kind}")


def link(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a file, link it to another place as the importer would, and take both away."""
    enter(asked["pid"], "mnt")
    os.setgroups([])
    os.setgid(asked["gid"])
    os.setuid(asked["uid"])
    source, target = asked["source"], asked["target"]
    try:
        os.close(os.open(source, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o664))
        os.link(source, target)
        first, second = os.stat(source), os.stat(target)  # noqa: PTH116 - see `enter`
        os.rename(target, target + "-moved")  # noqa: PTH104 - see `enter`
    except OSError as error:
        return {"error": errno.errorcode.get(error.errno or 0, str(error)), "where": error.filename}
    else:
        return {"same": first.st_ino == second.st_ino, "links": second.st_nlink}
    finally:
        for path in (source, target, target + "-moved"):
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - see `enter`


def leak(asked: dict[str, Any]) -> dict[str, Any]:
    """Try to send past the tunnel: one datagram for each address, out of each other interface."""
    enter(asked["pid"], "net")
    tried, out, interfaces = 0, [], sorted(name for _, name in socket.if_nameindex())
    for name in interfaces:
        if name == "lo" or name.startswith(tuple(asked["tunnels"])):
            continue
        for address, port in asked["targets"]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
                tried += 1
                one.sendto(b"tame", (address, port))
                out.append(f"{address}:{port} by {name}")
    return {"interfaces": interfaces, "tried": tried, "out": out}


def reach(asked: dict[str, Any]) -> dict[str, Any]:
    """From a namespace of its own, which the starter connects to the host: what answers?"""
    if _LIBC.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    sys.stdout.write(f"ready {os.getpid()}\n")
    sys.stdout.flush()
    sys.stdin.readline()
    return {"reached": answering(asked["targets"])}


def answering(targets: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Those of *targets*, addresses and TCP ports, that take a connection; asked all at once."""
    waiting: dict[socket.socket, tuple[str, int]] = {}
    for address, port in targets:
        one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        one.setblocking(False)  # noqa: FBT003 - its name says what it takes
        if one.connect_ex((address, port)) in {0, errno.EINPROGRESS}:
            waiting[one] = (address, port)
        else:
            one.close()
    reached, deadline = [], time.monotonic() + _TIMEOUT
    while waiting and (left := deadline - time.monotonic()) > 0:
        for one in select.select((), list(waiting), (), left)[1]:
            target = waiting.pop(one)
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                reached.append(target)
            one.close()
    for one in waiting:
        one.close()
    return reached


def copy(asked: dict[str, Any]) -> None:
    """Print how many rows its tables have before and after, in a line; then the database itself.

    As one file, with what its journal holds, by SQLite's own backup API.
    """
    import sqlite3  # noqa: PLC0415 - no other verb needs it
    import tempfile  # noqa: PLC0415 - same

    # As snapshots.sqlite reads: nothing may stay beside a database that nobody has open.
    place = asked["place"]
    with open(place, "rb") as file:  # noqa: PTH123 - pathlib is not needed
        in_wal_mode = file.read(20)[19:] == b"\x02"
    alone = in_wal_mode and not os.path.exists(f"{place}-wal")  # noqa: PTH110 - same
    mode = "mode=ro&immutable=1" if alone else "mode=ro"
    with tempfile.NamedTemporaryFile(suffix=".db") as target:
        old = sqlite3.connect(f"file:{quote(place)}?{mode}", uri=True, timeout=5.0)
        before = rows(old)
        new = sqlite3.connect(target.name)
        old.backup(new)
        new.close()
        sys.stdout.write(json.dumps([before, rows(old)]) + "\n")
        old.close()
        sys.stdout.flush()
        while chunk := target.read(1 << 20):
            sys.stdout.buffer.write(chunk)


def rows(database: Any) -> dict[str, int]:  # noqa: ANN401 - a connection of a module not yet there
    """As snapshots.sqlite counts: without virtual tables, with orderings that only Plex has."""

    def ask(statement: str) -> list[Any]:
        known = set()
        while True:
            try:
                found: list[Any] = database.execute(statement).fetchall()
            except Exception as error:
                _, missing, name = str(error).partition("no such collation sequence: ")
                if not missing or name in known:
                    raise
                known.add(name)
                database.create_collation(name, lambda one, other: (one > other) - (one < other))
            else:
                return found

    tables = ask("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    quoted = {
        name: name.replace('"', '""')
        for name, sql in tables
        if not name.startswith("sqlite_") and not sql.upper().startswith("CREATE VIRTUAL")
    }
    return {
        name: ask(f'SELECT count(*) FROM "{one}"')[0][0]  # noqa: S608 - quoted
        for name, one in quoted.items()
    }


if __name__ == "__main__":
    if sys.argv[1] == "copy":
        copy(json.loads(sys.argv[2]))
    else:
        verb = {"link": link, "leak": leak, "reach": reach}[sys.argv[1]]
        sys.stdout.write(json.dumps(verb(json.loads(sys.argv[2]))) + "\n")
