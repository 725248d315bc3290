"""The gate judges a stack behind `ssh` as it judges one of this machine."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import Any

from tests.e2e.over_ssh.conftest import Distant
from tests.harness.rehearsal import Rehearsal


EXPECTED = {
    "settled": "passed",
    "pinned": "passed",
    "soak": "passed",
    "answers": "passed",
    "versions": "passed",
    "databases": "passed",
    "hardlinks": "passed",
    "tunnel": "passed",
    "exposure": "passed",
    "probes": "failed",  # as on this machine: nothing backs it up, and live-restore is off
    "ready-data": "passed",
    "ready-config": "passed",
    "ready-bridge": "passed",
    "ready-names": "passed",
    "ready-exposure": "passed",
    "ready-pins": "passed",
    "ready-gpu": "not applicable",
    "ready-backup": "failed",
    "ready-watched": "failed",
    "ready-secrets": "passed",
    "ready-sandbox": "passed",
}
"""What the same stack gets with `engine: unix://...`; whatever fails is advice."""

LOOK = """
import json, sys
from pathlib import Path
from tame_components.ops.deployer import Outcome, deployer_of
from tame_components.ops.engine import connect
from tame_components.ops.gate import hardlinks, health, tunnel
from tame_components.ops.gate.model import Scene
from tame_components.ops.project import find_project

project = find_project(Path())
chosen = project.stack_file(sys.argv[1])
scene = Scene(
    topology=chosen.topology,
    engine=connect(chosen.settings.engine),
    deployer=deployer_of(project.root, chosen.stack),
    preview=Outcome("preview"),
    soak=1,
    tell=lambda text: print(json.dumps(text), flush=True),
)
for check in (health.CHECK, hardlinks.CHECK, tunnel.CHECK):
    found = check.run(scene)
    print(json.dumps([found.verdict, found.said]), flush=True)
"""

SPLIT = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
with open(f"/proc/{sys.argv[1]}/ns/mnt") as namespace:
    assert libc.setns(namespace.fileno(), 0x20000) == 0
assert libc.mount(b"/data/media", b"/data/media", None, 4096, None) == 0
"""
"""Mounts the library over itself, where only the container sees it: another mount of one disk."""

OPEN = "iptables -P OUTPUT ACCEPT && iptables -F OUTPUT"


def _pid(stack: Rehearsal, service: str) -> int:
    return int(stack.container(service).attrs["State"]["Pid"])


def _application(stack: Rehearsal, service: str) -> int:
    """The process that the image's own init watches over."""
    rows = stack.container(service).top(ps_args="-eo pid,ppid")["Processes"]
    return next(int(pid) for pid, parent in rows if int(parent) == _pid(stack, service))


def _gate(stack: Rehearsal) -> tuple[int, dict[str, dict[str, Any]]]:
    done = stack.run("gate", stack.stack, "--json", "--soak", "1", program="tame")
    start = done.stdout.find("{\n")
    assert start >= 0, done.stdout
    found = json.JSONDecoder().raw_decode(done.stdout[start:])[0]
    return done.returncode, {one["name"]: one for one in found["checks"]}


def _spoilt(stack: Rehearsal) -> list[tuple[str, str]]:
    """What the checks find with a hole, without links, while the application is started again."""
    assert stack.container("gluetun").exec_run(["sh", "-c", OPEN], user="0").exit_code == 0
    split = [sys.executable, "-c", SPLIT, str(_pid(stack, "sonarr"))]
    subprocess.run(split, check=True)
    with subprocess.Popen(
        ["python", "-c", LOOK, stack.stack],
        cwd=stack.project.directory,
        env=stack.env,
        text=True,
        stdout=subprocess.PIPE,
    ) as looking:
        assert looking.stdout is not None
        found = []
        for said in map(json.loads, looking.stdout):
            if isinstance(said, list):
                found.append((said[0], said[1]))
            elif said.startswith("soak:"):
                with contextlib.suppress(StopIteration):  # it is on its way back already
                    os.kill(_application(stack, "sonarr"), signal.SIGKILL)
    assert looking.returncode == 0
    return found


def test_every_row_is_decided_behind_ssh_as_it_is_here(distant: Distant) -> None:
    """From a machine that sees neither the engine nor a file of the stack; faults are found too."""
    stack = distant.stack
    made = stack.up()
    assert made.code == 0, made.text

    code, rows = _gate(stack)
    assert {name: one["verdict"] for name, one in rows.items()} == EXPECTED, rows
    assert code == 0
    assert "it has no `stat`" not in rows["probes"]["said"]
    assert rows["hardlinks"]["measured"]["links"] == {
        f"sonarr:downloads/{one}": {"same": True, "links": 2} for one in ("torrents", "usenet")
    }
    assert rows["tunnel"]["measured"]["members"]["qbittorrent"]["tried"] > 0
    assert rows["exposure"]["measured"]["tried"] > 0

    soak, links, tunnel = _spoilt(stack)
    assert soak[0] == "failed"
    assert "`sonarr` was restarted inside its container" in soak[1]
    assert (links[0], "EXDEV" in links[1]) == ("failed", True)
    assert (tunnel[0], "`qbittorrent` can send past" in tunnel[1]) == ("failed", True)
