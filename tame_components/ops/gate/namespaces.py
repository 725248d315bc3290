"""Looking from inside a container, or from beside the machine, without a program in any image."""

import json
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tame_components.ops.host import Host


HERE = Host("unix:///")
"""This machine."""
_PROGRAM = Path(__file__).with_name("inside.py")
_PATIENCE = 120.0
_COPY_PATIENCE = 1800.0
"""Seconds; Plex's database has gigabytes, and the other machine may be far."""
_BESIDE = "198.18.{0}.{1}"
"""Of the range for measurements, which no network uses (RFC 2544)."""

Rows = dict[str, int]
"""By table."""


class CannotLook(Exception):
    """The machine does not let us look."""


def tried(verb: str, asked: Mapping[str, Any], host: Host = HERE) -> dict[str, Any]:
    """What `inside.<verb>` found on *host*.

    Raises:
        CannotLook: it could not enter.
    """
    try:
        done = host.run(*_program(host, verb, asked), patience=_PATIENCE)
    except OSError as error:
        raise CannotLook(str(error)) from error
    if done.returncode != 0:
        raise CannotLook(_last(done.stderr.decode(errors="replace")))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def reachable_from_beside(
    ports: Sequence[int], others: Sequence[tuple[str, int]], host: Host = HERE
) -> list[tuple[str, int]]:
    """What answers a neighbour: a namespace whose only wire leads to this machine.

    Args:
        ports: of this machine.
        others: addresses and ports behind it, which the neighbour routes through it.
        host: the machine.

    Raises:
        CannotLook: no such namespace can be made.
    """
    name = f"tg{secrets.token_hex(4)}"
    # Two random numbers: two gates at once must not meet.
    third, fourth = secrets.randbelow(256), 4 * secrets.randbelow(64)
    ours, theirs = (_BESIDE.format(third, fourth + last) for last in (1, 2))
    asked = {"targets": [*((ours, port) for port in ports), *others]}
    with (
        subprocess.Popen(
            host.command(*_program(host, "reach", asked)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        _ended_in_time(process),  # the wire goes with the namespace
    ):
        assert process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        assert process.stdout is not None  # noqa: S101 - same
        word, _, pid = process.stdout.readline().partition(" ")
        if word != "ready":
            raise CannotLook(_last(process.communicate()[1]))
        _wire(host, name, int(pid), (ours, theirs))
        out, err = process.communicate("go\n")
    if process.returncode != 0:
        raise CannotLook(_last(err))
    return [(str(address), int(port)) for address, port in json.loads(out)["reached"]]


@contextmanager
def _ended_in_time(process: "subprocess.Popen[str]") -> Iterator[None]:
    """*process* ends with the block, and with our patience: a connection may hang for ever."""
    watch = threading.Timer(_PATIENCE, process.kill)
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        process.kill()


def copy_from(host: Host, place: Path, target: Path) -> tuple[Rows, Rows]:
    """Copy the database at *place* of *host*, as its application would read it, to *target* here.

    Returns:
        How many rows each of its tables had before and after.

    Raises:
        ConnectionError, TimeoutError: the host does not answer.
        OSError: it could not be made; with what the host said.
    """
    program = _program(host, "copy", {"place": str(place)})
    with tempfile.TemporaryFile() as sent:
        done = host.run(*program, patience=_COPY_PATIENCE, into=sent)
        if done.returncode != 0:
            raise OSError(_last(done.stderr.decode(errors="replace")))
        sent.seek(0)
        before, after = json.loads(sent.readline())
        with target.open("wb") as file:
            shutil.copyfileobj(sent, file)
    return before, after


def _program(host: Host, verb: str, asked: Mapping[str, Any]) -> list[str]:
    """`inside.py` there: as a file where it has one, else as text."""
    how = [str(_PROGRAM)] if host.here else ["-c", _PROGRAM.read_text("utf-8")]
    return [host.python, "-I", *how, verb, json.dumps(asked)]


def _wire(host: Host, name: str, pid: int, ends: tuple[str, str]) -> None:
    inside, (ours, theirs) = f"{name}i", ends
    enter = ("nsenter", "--net", "--target", str(pid))
    link, address = ("ip", "link"), ("ip", "address", "add")
    peer = ("peer", "name", inside, "netns", str(pid))
    _do(host, *link, "add", name, "type", "veth", *peer)
    _do(host, *address, f"{ours}/30", "dev", name)
    _do(host, *link, "set", name, "up")
    _do(host, *enter, *address, f"{theirs}/30", "dev", inside)
    _do(host, *enter, *link, "set", inside, "up")
    _do(host, *enter, "ip", "route", "add", "default", "via", ours)


def _do(host: Host, *words: str) -> None:
    try:
        done = host.run(*words)
    except FileNotFoundError as error:
        raise CannotLook(f"no `{error.filename}` on PATH") from None
    except OSError as error:
        raise CannotLook(str(error)) from None
    if done.returncode != 0:
        raise CannotLook(_last(done.stderr.decode(errors="replace")))


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason was given"
