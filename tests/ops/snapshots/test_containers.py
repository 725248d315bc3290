"""`tame backup` and `tame restore` on containers that really run."""

import json
import shutil
from collections.abc import Iterator

import pytest

from testbed.engine import ensure
from tests.harness.waiting import eventually
from tests.ops.snapshots.fleet import Fleet, fleet
from tests.ops.snapshots.kills import WITHIN, storm


pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("restic") is None, reason="no restic on PATH"),
]


@pytest.fixture(scope="module")
def ships(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """One fleet for the tests of this file."""
    with fleet(tmp_path_factory.mktemp("fleet") / "root", ensure().host) as one:
        yield one


def test_killed_at_random_points_nothing_stays_down(ships: Fleet) -> None:
    """SIGKILL, six times, a fixed seed: the services run, rows and repository are whole."""
    kills = list(storm(ships, 6, seed=20))

    assert max(one.back for one in kills) <= WITHIN
    assert any(one.owed for one in kills), "no kill hit a service that stood still"
    assert {one.alone for one in kills} == {True, False}


def test_a_service_is_away_for_the_copy_only(ships: Fleet) -> None:
    """A state of 20 MiB: both services run again, and the copy takes at most 2 s of each."""
    ships.add("radarr", 11_000, size=2000)

    def longest_copy() -> float:
        made = json.loads(ships.done("backup", "--json"))["made"]
        assert [one["snapshot"]["record"]["service"] for one in made] == ["radarr", "sonarr"]
        assert made[0]["snapshot"]["record"]["size"] > 20 * 2**20
        assert ships.runs()
        return max(float(one["timing"]["copy_"]) for one in made)

    # The first good one of three: what else the machine does can only add to a copy's time.
    assert any(longest_copy() <= 2.0 for _ in range(3))


def test_a_service_that_was_stopped_stays_stopped(ships: Fleet) -> None:
    """A backup starts what it stopped, and nothing else."""
    ships.container("sonarr").stop(timeout=10)
    try:
        ships.done("backup", "sonarr")

        assert ships.container("sonarr").status == "exited"
    finally:
        ships.container("sonarr").start()
    eventually(ships.runs, within=60)
