"""Looking from inside a container, or from beside the machine, without a program in any image."""

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


_PROGRAM = Path(__file__).with_name("inside.py")
_PATIENCE = 120.0
_BESIDE = "198.18.{0}.{1}"
"""Of the range for measurements, which no network uses (RFC 2544)."""


class CannotLook(Exception):
    """The machine does not let us look."""


def tried(verb: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What `inside.<verb>` found.

    Raises:
        CannotLook: it could not enter.
    """
    done = subprocess.run(
        [sys.executable, "-I", str(_PROGRAM), verb, json.dumps(asked)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode != 0:
        raise CannotLook(_last(done.stderr))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def reachable_from_beside(
    ports: Sequence[int], others: Sequence[tuple[str, int]]
) -> list[tuple[str, int]]:
    """What answers a neighbour: a namespace whose only wire leads to this machine.

    Args:
        ports: of this machine.
        others: addresses and ports behind it, which the neighbour routes through it.

    Raises:
        CannotLook: no such namespace can be made.
    """
    name = f"tg{secrets.token_hex(4)}"
    # Two random numbers: two gates at once must not meet.
    third, fourth = secrets.randbelow(256), 4 * secrets.randbelow(64)
    ours, theirs = (_BESIDE.format(third, fourth + last) for last in (1, 2))
    asked = {"targets": [*((ours, port) for port in ports), *others]}
    with subprocess.Popen(
        [sys.executable, "-I", str(_PROGRAM), "reach", json.dumps(asked)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        assert process.stdout is not None  # noqa: S101 - same
        try:
            if process.stdout.readline() != "ready\n":
                raise CannotLook(_last(process.communicate(timeout=_PATIENCE)[1]))
            _wire(name, process.pid, ours, theirs)
            out, err = process.communicate("go\n", timeout=_PATIENCE)
        finally:
            process.kill()  # the wire goes with the namespace
    if process.returncode != 0:
        raise CannotLook(_last(err))
    return [(str(address), int(port)) for address, port in json.loads(out)["reached"]]


def _wire(name: str, pid: int, ours: str, theirs: str) -> None:
    inside = f"{name}i"
    _ip("link", "add", name, "type", "veth", "peer", "name", inside, "netns", str(pid))
    _ip("address", "add", f"{ours}/30", "dev", name)
    _ip("link", "set", name, "up")
    enter = ["nsenter", "--net", "--target", str(pid)]
    _ip("address", "add", f"{theirs}/30", "dev", inside, enter=enter)
    _ip("link", "set", inside, "up", enter=enter)
    _ip("route", "add", "default", "via", ours, enter=enter)


def _ip(*arguments: str, enter: Sequence[str] = ()) -> None:
    try:
        subprocess.run([*enter, "ip", *arguments], capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise CannotLook(f"no `{error.filename}` on PATH") from None
    except subprocess.CalledProcessError as error:
        raise CannotLook(_last(error.stderr)) from None


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason was given"
