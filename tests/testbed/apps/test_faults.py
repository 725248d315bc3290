"""Bad releases misbehave as they were built to, and no otherwise."""

import pytest

from testbed.apps.faults import Fault
from tests.testbed.apps.harness import PATIENCE, Bench, opened


def test_a_release_that_ends_ends_with_an_error(bench: Bench) -> None:
    """`exits` is a failed start: code 1 and no listening port."""
    process, port_file, _, _ = bench.launch("radarr", fault="exits")

    assert process.wait(PATIENCE) == 1
    assert not port_file.exists()


def test_a_release_can_fail_after_its_probe_was_good(bench: Bench) -> None:
    """`500-after-healthy`: the probe stays good, everything else fails once it was asked."""
    http = bench.start("jellyfin", fault="500-after-healthy").http

    assert http.get("/System/Info/Public").status_code == 200
    assert http.get("/health").status_code == 200
    assert http.get("/System/Info/Public").status_code == 500
    assert http.get("/health").status_code == 200


def test_a_release_can_migrate_and_then_fail(bench: Bench) -> None:
    """`migrates-then-fails` leaves a database that says it belongs to a newer release."""
    bench.start("radarr").stop()
    before = _newest(bench)

    process, _, _, _ = bench.launch("radarr", fault="migrates-then-fails")

    assert process.wait(PATIENCE) == 1
    assert _newest(bench) == before + 1


def _newest(bench: Bench) -> int:
    _, state = bench.facts("radarr")
    with opened(state / "radarr.db") as database:
        return int(database.execute('SELECT MAX("Version") FROM "VersionInfo"').fetchone()[0])


def test_the_environment_wins_over_the_image(bench: Bench) -> None:
    """A container can be told to misbehave without another image."""
    running = bench.start("flaresolverr", env={"TAME_STAND_IN_FAULT": "unhealthy-after-0s"})

    assert running.http.get("/health").status_code == 500


@pytest.mark.parametrize(
    ("text", "kind", "after"),
    [("", "", 0), ("exits-after-30s", "exits", 30), ("unhealthy", "unhealthy", 0)],
)
def test_a_fault_is_read_from_text(text: str, kind: str, after: float) -> None:
    """Kind and delay come out as written."""
    assert Fault.parse(text) == Fault(kind, after)


def test_an_unknown_fault_is_refused() -> None:
    """A typing error does not build a good release by accident."""
    with pytest.raises(ValueError, match="unknown fault"):
        Fault.parse("exists")
