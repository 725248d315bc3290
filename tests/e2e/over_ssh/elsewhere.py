"""This machine as two: one that deploys, and one behind `ssh` that has the engine.

The one that deploys is a set of namespaces: it has processes and addresses of its own, and sees
neither the engine's socket nor the files that the stack keeps. Whatever looks here instead of there
finds nothing. The other one is the machine itself, with an SSH server of the test's own.
"""

import contextlib
import os
import secrets
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tame_components.domain.virtual_machine import VirtualMachineSettings
from testbed.engine.apt import can_install, install_packages
from testbed.vm import access
from tests.harness.waiting import eventually


_NEEDED = {
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
}
"""Program: the package of Debian and Ubuntu that has it."""
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_PORT = 2222
_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
"""What is started so ends with the test, however that ends."""
_WIRE = "198.19.{0}.{1}"
"""Of the range for measurements (RFC 2544); the half that the gate does not use."""


def obstacle() -> str | None:
    """Why this machine cannot be two; None where it can.

    Installs what is missing where `CI` is set, and nowhere else: Debian's package starts a server
    on port 22, which is no test's to decide on a person's machine.
    """
    if os.geteuid() != 0:
        return "only root can make namespaces and start an SSH server"
    missing = {package for one, package in _NEEDED.items() if not _program(one)}
    if not missing:
        return None
    if not os.environ.get("CI") or not can_install():
        return f"it lacks {', '.join(sorted(missing))}"
    return install_packages(sorted(missing))


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:{_PATH}")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The machine behind `ssh`, and the way to be on the other one."""

    access: access.Access
    pid: int
    """Of a process of the machine that deploys."""

    @property
    def preparation(self) -> dict[str, Any]:
        """`tame:preparation` of a stack there; the engine's own settings are left alone."""
        over = {
            "host": self.access.address,
            "port": self.access.port,
            "user": self.access.user,
            "host_key": self.access.host_key,
        }
        return {"over": over, "log_rotation": False}

    def path(self, path: str, *programs: str) -> str:
        """A PATH by which *programs* of *path* run on the machine that deploys."""
        place = self.access.directory / "near"
        place.mkdir()
        inside = f"{self.access.programs}:{path}"
        into = f"nsenter --target {self.pid} --mount --net --pid --"
        as_there = f"env -u DOCKER_HOST PATH={shlex.quote(inside)}"
        for name in programs:
            program = shutil.which(name, path=path)
            there = f'cd "$0" && exec {as_there} {program} "$@"'
            (place / name).write_text(
                f'#!/bin/sh\nexec {into} sh -c {shlex.quote(there)} "$PWD" "$@"\n'
            )
            (place / name).chmod(0o700)
        return f"{place}:{inside}"


@contextlib.contextmanager
def elsewhere(socket: Path, hidden: Sequence[Path]) -> Iterator[Elsewhere]:
    """Both machines, for as long as the block runs.

    Args:
        socket: the engine's, which only the machine behind `ssh` has.
        hidden: directories that only it has.
    """
    wire, (ours, theirs) = f"te{secrets.token_hex(4)}", _ends()
    with contextlib.ExitStack() as kept:
        place = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="tame-far-")))
        way_in = access.make(place, _PORT, VirtualMachineSettings(name="far"), ours)
        near = kept.enter_context(_near(socket, hidden))
        _do("ip", "link", "add", wire, "type", "veth", "peer", "name", "far", "netns", str(near))
        undo = ["ip", "link", "delete", wire]
        kept.callback(subprocess.run, undo, check=False, capture_output=True)
        _do("ip", "address", "add", f"{ours}/30", "dev", wire)
        _do("ip", "link", "set", wire, "up")
        inside = ("nsenter", "--target", str(near), "--net", "ip")
        _do(*inside, "address", "add", f"{theirs}/30", "dev", "far")
        _do(*inside, "link", "set", "lo", "up")
        _do(*inside, "link", "set", "far", "up")
        kept.enter_context(_server(way_in, socket))
        one = Elsewhere(way_in, near)
        eventually(lambda: _answers(one), within=20)
        yield one


def _ends() -> tuple[str, str]:
    third, fourth = secrets.randbelow(256), 4 * secrets.randbelow(64)
    return _WIRE.format(third, fourth + 1), _WIRE.format(third, fourth + 2)


def _do(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


@contextlib.contextmanager
def _near(socket: Path, hidden: Sequence[Path]) -> Iterator[int]:
    """The id of a first process of the machine that deploys."""
    hide = [f"mount --bind /dev/null {shlex.quote(str(socket))}"]
    hide += [f"mount -t tmpfs none {shlex.quote(str(one))}" for one in hidden]
    script = "; ".join(["set -e", *hide, "echo ready", "exec sleep infinity"])
    spaces = ("--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child")
    with subprocess.Popen(
        [*_WITH_US, "unshare", *spaces, "sh", "-c", script], stdout=subprocess.PIPE, text=True
    ) as starter:
        try:
            assert starter.stdout is not None
            assert starter.stdout.readline() == "ready\n"
            children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
            yield int(children[0])
        finally:
            starter.kill()  # and with it every process of that machine


@contextlib.contextmanager
def _server(way_in: access.Access, socket: Path) -> Iterator[None]:
    """An SSH server behind which `docker` finds the engine."""
    place = way_in.directory
    (place / "authorized_keys").write_bytes((place / "client.pub").read_bytes())
    (place / "sshd_config").write_text(
        f"ListenAddress {way_in.address}:{way_in.port}\n"
        f"HostKey {place}/server\n"
        f"AuthorizedKeysFile {place}/authorized_keys\n"
        f"PidFile {place}/sshd.pid\n"
        # bash(1) reads root's ~/.bashrc in the first shell behind sshd, and it is not the test's.
        f"SetEnv DOCKER_HOST=unix://{socket} SHLVL=1\n"
        "PermitRootLogin prohibit-password\n"
        "PasswordAuthentication no\n"
        "StrictModes no\n"
        "UsePAM no\n"
        "UseDNS no\n"
    )
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd(8); its service would make it
    program = _program("sshd") or "sshd"  # needs its whole path: it starts itself again
    with (
        (place / "sshd.log").open("wb") as log,
        subprocess.Popen(
            [*_WITH_US, program, "-D", "-e", "-f", str(place / "sshd_config")], stderr=log
        ) as server,
    ):
        try:
            yield
        finally:
            server.terminate()


def _answers(one: Elsewhere) -> bool:
    into = ["nsenter", "--target", str(one.pid), "--mount", "--net", "--pid", "--"]
    done = subprocess.run([*into, *one.access.command("true")], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return True
