"""The snapshot of everything comes first, and its failure leaves everything as it was."""

from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.host_errors import SnapshotHookFailed
from tame_components.ops.promote import run as promoting
from tests.ops.promote.worlds import NEW, OLD, World, run, settled


pytestmark = pytest.mark.usefixtures("simple_way_back")


def test_a_snapshot_that_fails_stops_the_promotion_before_anything_changes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No journal, no stopped service, nothing held: the same promotion works as soon as it can."""
    works = False
    seen: list[str | None] = []

    def hook(*_: Any) -> str:
        seen.append(world.running)
        if not works:
            raise SnapshotHookFailed("zfs", "tank/media", "out of space")
        return "tame-20261121T030000Z"

    monkeypatch.setattr(promoting, "before_promotion", hook)

    assert isinstance(run(world, tmp_path, NEW), SnapshotHookFailed)
    assert settled(world, OLD)
    assert world.saved == {}

    works = True
    assert run(world, tmp_path, NEW) is None
    assert settled(world, NEW)
    assert seen == [OLD, OLD]


def test_nothing_to_do_takes_no_snapshot(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A promotion of what runs anyway is no reason for one."""
    seen: list[str] = []
    monkeypatch.setattr(promoting, "before_promotion", lambda *_: seen.append("taken"))

    assert run(world, tmp_path, OLD) is None
    assert seen == []
