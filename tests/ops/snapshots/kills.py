"""A backup or restore that is killed at random points, and what is left of the service.

`python -m tests.ops.snapshots.kills --count 50 --mib 200` is the long run by hand.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from testbed.engine import ensure
from tests.harness.waiting import eventually
from tests.ops.snapshots.fleet import SERVICES, Fleet, fleet


WITHIN = 30.0
"""Seconds after a kill until every service runs again."""
_STILL = 0.6
"""Seconds after an order to stop in which a service is on its way down, or stands still."""
_ROW = 2000
"""Bytes of a row."""


@dataclass(frozen=True)
class Kill:
    """One kill."""

    verb: str
    aimed: bool
    after: float
    """Seconds after the start of the verb; after its first stop, where that was aimed at."""
    ended: bool
    """Whether the verb was quicker."""
    alone: bool
    """Whether the guardian was killed too, so that a second command had to recover."""
    owed: bool
    """Whether something had to be started again, or put back."""
    back: float
    """Seconds from the kill until everything ran and nothing was owed."""


def storm(ships: Fleet, count: int, seed: int) -> Iterator[Kill]:
    """Kill *count* times; fails as soon as something is not as it has to be.

    Whatever happens: all services run within 30 s, no row is lost, the repository's check is
    clean and the snapshot from before can be restored.
    """
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    begun = time.monotonic()
    ships.done("backup")
    seconds = time.monotonic() - begun
    rows = {name: ships.rows(name) for name in SERVICES}
    good = {one.service: one.id for one in ships.repository.entries()}
    for number in range(count):
        verb = "restore" if number % 4 == 3 else "backup"
        alone = number % 3 == 2
        aimed = number % 2 == 0  # at the moments in which something stands still
        after = dice.uniform(0, _STILL if aimed else seconds)
        kill = _kill(ships, verb, after, aimed=aimed, alone=alone)
        _judge(ships, rows, good)
        yield kill


def _call(verb: str) -> tuple[str, ...]:
    return ("restore", "radarr", "--yes") if verb == "restore" else ("backup",)


def _kill(ships: Fleet, verb: str, after: float, *, aimed: bool, alone: bool) -> Kill:
    with ships.tame(*_call(verb)) as running:
        if aimed:
            _wait_for_a_stop(running)
        ended = _ends_within(running, after)
        helpers = _children(running.pid) if alone else []
        running.kill()
        for helper in helpers:
            _kill_one(helper)
        killed = time.monotonic()
        owed = ships.journal.exists()
    if alone:
        ships.done("backup", "--recover")
    eventually(ships.runs, within=WITHIN)
    return Kill(verb, aimed, after, ended, alone, owed, time.monotonic() - killed)


def _wait_for_a_stop(running: "subprocess.Popen[str]") -> None:
    assert running.stderr is not None
    while "stopping" not in running.stderr.readline():
        assert running.poll() is None, "it ended without stopping anything"


def _ends_within(running: "subprocess.Popen[str]", seconds: float) -> bool:
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _children(pid: int) -> list[int]:
    """The guardian and, where one works, restic."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(child) for child in text.split()]


def _kill_one(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _judge(ships: Fleet, rows: dict[str, int], good: dict[str, str]) -> None:
    for name in SERVICES:
        assert ships.rows(name) == rows[name], name
    ships.repository.check()
    listed = {one.id for one in ships.repository.entries()}
    assert set(good.values()) <= listed
    with tempfile.TemporaryDirectory(dir=ships.root) as scratch:
        ships.repository.restore(good["sonarr"], Path(scratch))
        record = json.loads((Path(scratch) / "snapshot.json").read_text())
        assert record["service"] == "sonarr"
        assert (Path(scratch) / "state/sonarr.db").stat().st_size > 0


def main() -> int:
    """The long run: one line for each kill, then the worst."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mib", type=int, default=200, help="Size of Radarr's database.")
    asked = parser.parse_args()
    say: Callable[[str], int] = sys.stdout.write
    folder = Path(tempfile.mkdtemp(prefix="tame-kills-"))
    kills = []
    with fleet(folder / "root", ensure().host) as ships:
        ships.add("radarr", asked.mib * 2**20 // _ROW, size=_ROW)
        for kill in storm(ships, asked.count, asked.seed):
            kills.append(kill)
            say(f"{len(kills):3} {kill}\n")
            sys.stdout.flush()
    shutil.rmtree(folder, ignore_errors=True)
    hit = [one for one in kills if one.owed]
    worst = max(one.back for one in kills)
    say(f"{len(kills)} kills, {len(hit)} with a debt, slowest return {worst:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
