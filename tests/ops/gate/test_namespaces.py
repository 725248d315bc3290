"""What is tried from inside a namespace finds the hole, and finds none where there is none."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tame_components.ops.gate.namespaces import CannotLook, reachable_from_beside, tried


NEEDED = ("unshare", "nsenter", "ip", "iptables", "mount")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, NEEDED)),
    reason=f"needs root and {', '.join(NEEDED)}",
)


@pytest.fixture
def cell() -> Iterator[int]:
    """The id of a process with namespaces of its own."""
    script = "echo ready; exec sleep 60"
    with subprocess.Popen(
        ["unshare", "--mount", "--net", "sh", "-c", script], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process.pid
        process.kill()


def inside(pid: int, *command: str) -> None:
    """Run *command* in the namespaces of *pid*."""
    subprocess.run(["nsenter", "--mount", "--net", "--target", str(pid), *command], check=True)


def test_a_datagram_past_the_tunnel_is_a_leak_and_a_kill_switch_stops_it(cell: int) -> None:
    """By every interface that is no tunnel; what the firewall refuses was never sent."""
    for command in (
        "ip link add eth0 type veth peer name tun0",
        "ip link set tun0 up",
        "ip address add 10.200.0.2/24 dev eth0",
        "ip link set eth0 up",
        "ip route add default via 10.200.0.1 dev eth0",
    ):
        inside(cell, *command.split())
    asked = {"pid": cell, "tunnels": ("tun",), "targets": [("192.0.2.1", 6881)]}

    assert tried("leak", asked)["out"] == ["192.0.2.1:6881 by eth0"]
    inside(cell, "iptables", "-A", "OUTPUT", "-o", "eth0", "-j", "DROP")
    found = tried("leak", asked)
    assert (found["out"], found["tried"]) == ([], 1)
    assert tried("leak", {**asked, "tunnels": ("eth", "tun")})["tried"] == 0


def test_two_mounts_of_one_disk_are_no_place_for_a_link(cell: int, tmp_path: Path) -> None:
    """EXDEV although it is one file system (measured); one mount is well."""
    for name in ("downloads", "media"):
        (tmp_path / name).mkdir()
    asked = {
        "pid": cell,
        "uid": 0,
        "gid": 0,
        "source": str(tmp_path / "downloads/x"),
        "target": str(tmp_path / "media/x"),
    }

    assert tried("link", asked) == {"same": True, "links": 2}
    inside(cell, "mount", "--bind", str(tmp_path / "media"), str(tmp_path / "media"))
    assert tried("link", asked)["error"] == "EXDEV"
    assert list(tmp_path.rglob("x*")) == []


def test_a_neighbour_reaches_what_listens_everywhere_and_not_loopback() -> None:
    """The network namespace beside the machine sees what a machine of the LAN would see."""
    with (
        socket.create_server(("0.0.0.0", 0)) as wide,  # noqa: S104 - what is tested
        socket.create_server(("127.0.0.1", 0)) as own,
    ):
        ports = [wide.getsockname()[1], own.getsockname()[1]]
        reached = reachable_from_beside(ports, [("127.0.0.1", ports[1])])

    assert [port for _, port in reached] == [ports[0]]


def test_a_process_that_is_gone_is_said_so() -> None:
    """The gate doubts where it cannot look."""
    with pytest.raises(CannotLook):
        tried("leak", {"pid": 2**22 + 1, "tunnels": (), "targets": []})
