"""A rollback ends on the release that was asked for with its rows, or on the one that ran."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.errors import TameError
from tame_components.ops.promote import places
from tame_components.ops.promote.errors import (
    ReleaseHeld,
    ReleaseUnknown,
    RollbackUndone,
    StatesMissing,
)
from tame_components.ops.promote.rolling import RollbackPlan, rebuilt, roll_back
from tame_components.ops.snapshots.errors import SnapshotIncomplete
from tests.ops.promote.worlds import NEW, NEXT, OLD, Killed, World, run, stage, topology


pytestmark = pytest.mark.usefixtures("simple_way_back")


def name_of(root: Path, tag: str) -> str:
    """The id of the release of *tag*."""
    return places.release_id(topology(root, tag))


def back_to(
    world: World, root: Path, tag: str | None, *, databases: bool = True, pinned: str = NEW
) -> Exception | RollbackPlan | None:
    """`tame rollback --yes`, where the settings say *pinned*; the error, else the plan."""
    at = stage(world, root, pinned)
    plans: list[RollbackPlan] = []

    def agree(plan: RollbackPlan) -> bool:
        plans.append(plan)
        return True

    try:
        with at.places.locked("tame promote", 0):
            asked = name_of(root, tag) if tag else None
            roll_back(at, asked, agree, databases=databases)
    except TameError as error:
        return error
    return plans[0] if plans else None


def now(world: World) -> tuple[Any, ...]:
    """What runs, on which schema, with whose row."""
    assert not world.still
    return world.running, world.schema, world.row_of


@pytest.fixture
def updated(world: World, tmp_path: Path) -> World:
    """`OLD` with a row of sam, then `NEW`, which wrote one of kim."""
    assert run(world, tmp_path, NEW) is None
    world.row_of = "kim"
    return world


def test_a_rollback_brings_image_and_rows_back(updated: World, tmp_path: Path) -> None:
    """By default to the release before; what it leaves is held until a pin moves."""
    plan = back_to(updated, tmp_path, None)

    assert isinstance(plan, RollbackPlan)
    assert plan.images == {"radarr": (f"example.org/radarr:{NEW}", f"example.org/radarr:{OLD}")}
    assert [(one.service, one.snapshot) for one in plan.databases] == [("radarr", "s0")]
    assert now(updated) == (OLD, OLD, "sam")
    assert isinstance(run(updated, tmp_path, NEW), ReleaseHeld)
    assert run(updated, tmp_path, NEXT) is None


def test_a_rollback_can_be_rolled_back_with_the_rows_that_it_left(
    updated: World, tmp_path: Path
) -> None:
    """Nothing of the newer release is lost: the rollback snapshotted it. Its hold ends."""
    back_to(updated, tmp_path, OLD)
    plan = back_to(updated, tmp_path, NEW)

    assert isinstance(plan, RollbackPlan)
    assert any("this lets it go" in line for line in plan.advice)
    assert now(updated) == (NEW, NEW, "kim")


def test_over_several_releases_the_state_of_the_asked_one_comes_back(
    updated: World, tmp_path: Path
) -> None:
    """Not the newest snapshot, but the one that was made when the release ended."""
    assert run(updated, tmp_path, NEXT) is None
    updated.row_of = "lee"

    assert isinstance(back_to(updated, tmp_path, OLD, pinned=NEXT), RollbackPlan)
    assert now(updated) == (OLD, OLD, "sam")


def test_the_databases_may_stay(world: World, tmp_path: Path) -> None:
    """`--keep-databases`: the image goes back, and the rows since stay."""
    assert run(world, tmp_path, NEW) is None
    world.schema, world.row_of = OLD, "kim"  # a release that changed no table
    plan = back_to(world, tmp_path, OLD, databases=False)

    assert isinstance(plan, RollbackPlan)
    assert plan.kept == {"radarr": "`--keep-databases`"}
    assert now(world) == (OLD, OLD, "kim")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("x/radarr:6.2.1.10461-ls307", "x/radarr:6.2.1.10461-ls308", True),
        ("x/radarr:6.2.0.10390-ls307", "x/radarr:6.2.1.10461-ls308", False),
        (f"x/radarr:latest@sha256:{'a' * 64}", f"x/radarr:latest@sha256:{'b' * 64}", False),
        (f"x/radarr@sha256:{'a' * 64}", f"x/radarr@sha256:{'b' * 64}", False),
    ],
)
def test_only_another_build_of_one_version_has_migrated_nothing(
    old: str, new: str, *, same: bool
) -> None:
    """Rows are given up only where an older application could not read them."""
    assert rebuilt(old, new) is same


def test_what_cannot_be_brought_back_stops_nothing(updated: World, tmp_path: Path) -> None:
    """No such release, no snapshot, one of another version, a damaged one: refused before."""
    assert isinstance(back_to(updated, tmp_path, NEXT), ReleaseUnknown)
    updated.damaged.add("s0")
    assert isinstance(back_to(updated, tmp_path, OLD), SnapshotIncomplete)
    updated.saved["s0"] = (NEW, "kim")
    assert isinstance(back_to(updated, tmp_path, OLD), StatesMissing)
    updated.saved.clear()
    assert isinstance(back_to(updated, tmp_path, OLD), StatesMissing)

    assert now(updated) == (NEW, NEW, "kim")
    at = stage(updated, tmp_path, NEW).places
    assert at.journal() is None
    told = [json.loads(one.read_text()) for one in at.root.glob("refusals/*.json")]
    assert {one["code"] for one in told} <= {"TAME859", "TAME834", "TAME860"}
    assert told


def test_a_rollback_that_fails_leaves_what_ran(updated: World, tmp_path: Path) -> None:
    """The old release does not start any more: the new one is back, with its rows, not held."""
    updated.broken.add(OLD)

    assert isinstance(back_to(updated, tmp_path, OLD), RollbackUndone)
    assert now(updated) == (NEW, NEW, "kim")
    assert stage(updated, tmp_path, NEW).places.held() is None


def test_a_rollback_to_what_should_run_holds_nothing(updated: World, tmp_path: Path) -> None:
    """Somebody removed the container: it is made again, and may still be deployed."""
    updated.running = None
    assert isinstance(back_to(updated, tmp_path, NEW), RollbackPlan)
    assert now(updated) == (NEW, NEW, "kim")
    assert stage(updated, tmp_path, NEW).places.held() is None


def test_the_release_that_runs_needs_no_rollback(updated: World, tmp_path: Path) -> None:
    """Nothing is asked, nothing is done."""
    assert back_to(updated, tmp_path, NEW) is None
    assert now(updated) == (NEW, NEW, "kim")


@pytest.mark.parametrize("kind", ["good", "broken"])
@pytest.mark.parametrize("then", ["rollback", "promote"])
def test_a_kill_before_any_operation_of_a_rollback_is_gone_on_with(
    tmp_path: Path, kind: str, then: str
) -> None:
    """For every point: the next run, whichever it is, ends on one whole release."""
    for point in itertools.count(1):
        root = tmp_path / str(point)
        root.mkdir()
        world = World()
        assert run(world, root, OLD) is None
        world.row_of = "sam"
        assert run(world, root, NEW) is None
        world.row_of, world.operations, world.kill_at = "kim", 0, point
        if kind == "broken":
            world.broken.add(OLD)
        try:
            back_to(world, root, OLD)
        except Killed:
            pass
        else:
            break
        world.kill_at = None
        again = back_to(world, root, OLD) if then == "rollback" else run(world, root, NEW)

        whole = {(OLD, OLD, "sam"), (NEW, NEW, "kim")}
        assert now(world) in whole, (point, again)
        if then == "rollback" and kind == "good":
            assert now(world) == (OLD, OLD, "sam"), (point, again)
        assert stage(world, root, NEW).places.journal() is None, point
    assert point > 12
