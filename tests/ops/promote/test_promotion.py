"""A promotion ends on the old release with its rows, or on the new one proved; never between."""

import itertools
from pathlib import Path

import pytest

from tame_components.ops.deployer import Outcome, Step
from tame_components.ops.errors import CannotWrite
from tame_components.ops.promote import places
from tame_components.ops.promote.errors import (
    JournalBroken,
    NoWayBack,
    PromotionBusy,
    PromotionUndone,
    ReleaseHeld,
    RollbackFailed,
)
from tame_components.ops.promote.phases import Journal, Phase, Resumption
from tame_components.ops.promote.planning import Plan, plan_of
from tame_components.ops.promote.run import promote
from tests.harness import stacks
from tests.ops.promote.worlds import (
    CONTAINER,
    NEW,
    NEXT,
    OLD,
    Killed,
    World,
    run,
    settled,
    stage,
)


pytestmark = pytest.mark.usefixtures("simple_way_back")


def test_a_good_release_is_promoted_and_comes_back_to_itself(world: World, tmp_path: Path) -> None:
    """The next promotion starts from it, and has nothing to do for the same release."""
    assert run(world, tmp_path, NEW) is None
    assert settled(world, NEW)
    done = world.operations
    assert run(world, tmp_path, NEW) is None
    assert world.operations == done + 1  # the preview


@pytest.mark.parametrize("kind", ["bad", "broken"])
def test_a_bad_release_is_undone_held_and_then_another_one_passes(
    world: World, tmp_path: Path, kind: str
) -> None:
    """Good, bad, bad, good: whether it does not start, or starts and the gate refuses it."""
    getattr(world, kind).add(NEW)

    assert isinstance(run(world, tmp_path, NEW), PromotionUndone)
    assert settled(world, OLD)
    assert isinstance(run(world, tmp_path, NEW), ReleaseHeld)
    assert settled(world, OLD)
    assert run(world, tmp_path, NEXT) is None
    assert settled(world, NEXT)


def test_a_gate_in_doubt_takes_the_release_back(world: World, tmp_path: Path) -> None:
    """Inconclusive is not proved."""
    world.doubts = 99
    assert isinstance(run(world, tmp_path, NEW), PromotionUndone)
    assert settled(world, OLD)


def test_a_fault_of_our_own_takes_the_release_back(world: World, tmp_path: Path) -> None:
    """What nobody thought of leaves prod on one side too, and its reason on disk."""
    world.crashing.add(NEW)
    done = run(world, tmp_path, NEW)
    assert isinstance(done, PromotionUndone)
    assert "ZeroDivisionError" in done.what
    assert settled(world, OLD)


def test_a_fault_of_our_own_on_the_way_back_is_gone_on_with(world: World, tmp_path: Path) -> None:
    """It says that neither is proved; the program that has it mended goes on."""
    world.crashing |= {NEW, OLD}
    assert isinstance(run(world, tmp_path, NEW), RollbackFailed)
    world.crashing.clear()
    assert isinstance(run(world, tmp_path, NEW), PromotionUndone)
    assert settled(world, OLD)


@pytest.mark.parametrize("kind", ["good", "bad", "broken"])
@pytest.mark.parametrize("then", [NEW, NEXT], ids=["same", "other"])
def test_a_kill_before_any_operation_leaves_no_half_release(
    tmp_path: Path, kind: str, then: str
) -> None:
    """Killed before its nth operation, for every n; the next run ends on what is whole."""
    for point in itertools.count(1):
        root = tmp_path / str(point)
        root.mkdir()
        world = World()
        assert run(world, root, OLD) is None
        world.row_of, world.operations, world.kill_at = "sam", 0, point
        if kind != "good":
            getattr(world, kind).add(NEW)
        try:
            run(world, root, NEW)
        except Killed:
            pass
        else:
            break  # it ended before its nth operation: every point was tried
        world.kill_at = None
        errors = [run(world, root, then), run(world, root, then)]

        whole = settled(world, OLD) or settled(world, then if kind == "good" else NEXT)
        assert whole, (point, world.running, world.schema, errors)
        assert stage(world, root, then).places.journal() is None, point
    assert point > 8


def test_a_rollback_that_fails_is_gone_on_with(world: World, tmp_path: Path) -> None:
    """Neither release is proved: it says so, keeps the journal, and the next run goes on."""
    world.bad.add(NEW)
    world.broken.add(OLD)
    assert isinstance(run(world, tmp_path, NEW), RollbackFailed)
    world.broken.clear()
    assert isinstance(run(world, tmp_path, NEW), PromotionUndone)
    assert settled(world, OLD)


def test_a_full_disk_stops_a_promotion_or_takes_it_back(world: World, tmp_path: Path) -> None:
    """Without a journal nothing begins; where the new release fills it, the old one comes back."""
    world.full = True
    assert isinstance(run(world, tmp_path, NEW), CannotWrite)
    assert settled(world, OLD)

    world.full, world.fills = False, {NEW}
    assert isinstance(run(world, tmp_path, NEW), PromotionUndone)
    assert settled(world, OLD)


def test_what_was_never_recorded_cannot_be_come_back_to(tmp_path: Path) -> None:
    """Nothing is started where a rollback would have nowhere to lead."""
    world = World()
    world.running = OLD

    assert isinstance(run(world, tmp_path, NEW), NoWayBack)
    assert world.running == OLD


def test_two_promotions_do_not_meet(world: World, tmp_path: Path) -> None:
    """The second refuses, and the first one's end frees the lock."""
    with stage(world, tmp_path, NEW).places.locked("tame promote", 0):
        assert isinstance(run(world, tmp_path, NEXT), PromotionBusy)
    assert run(world, tmp_path, NEXT) is None


def test_nothing_happens_without_agreement(world: World, tmp_path: Path) -> None:
    """The plan names the service, the reason and the way back."""
    plans: list[Plan] = []

    def refuse(plan: Plan) -> bool:
        plans.append(plan)
        return False

    assert promote(stage(world, tmp_path, NEW), refuse) is None

    assert settled(world, OLD)
    (touched,) = plans[0].radius.services
    assert (touched.service, touched.effect, touched.snapshot) == ("radarr", "recreated", True)
    assert touched.why == ("another image",)
    assert touched.downtime[1] > touched.downtime[0] > 0
    assert plans[0].previous == places.release_id(stage(world, tmp_path, OLD).topology)


def test_a_journal_that_cannot_be_read_stops_everything(world: World, tmp_path: Path) -> None:
    """Guessing how far a promotion came could lose a database."""
    (tmp_path / "promotions/journal.json").write_text("{")
    assert isinstance(run(world, tmp_path, NEW), JournalBroken)
    assert settled(world, OLD)


def _journal(phase: Phase) -> Journal:
    return Journal(stack="test", release="new", previous="old", phase=phase, started="now")


@pytest.mark.parametrize(
    ("phase", "same", "other"),
    [
        (Phase.PREPARING, Resumption.AFRESH, Resumption.AFRESH),
        (Phase.DEPLOYING, Resumption.FORWARD, Resumption.BACK),
        (Phase.PROVING, Resumption.FORWARD, Resumption.BACK),
        (Phase.UNDOING, Resumption.BACK, Resumption.BACK),
    ],
)
def test_what_an_interruption_needs_follows_from_the_journal(
    phase: Phase, same: Resumption, other: Resumption
) -> None:
    """Only what changed nothing is forgotten; what is being undone stays undone."""
    assert _journal(phase).resumption("new") is same
    assert _journal(phase).resumption("another") is other


def test_phases_follow_each_other_in_one_direction() -> None:
    """What is being undone never becomes a promotion again."""
    legal = {
        (before, after)
        for before in Phase
        for after in Phase
        if before is not after and _follows(before, after)
    }

    assert legal == {
        (Phase.PREPARING, Phase.RESTORING),
        (Phase.PREPARING, Phase.DEPLOYING),
        (Phase.RESTORING, Phase.DEPLOYING),
        (Phase.RESTORING, Phase.UNDOING),
        (Phase.DEPLOYING, Phase.PROVING),
        (Phase.DEPLOYING, Phase.UNDOING),
        (Phase.PROVING, Phase.UNDOING),
    }


def _follows(before: Phase, after: Phase) -> bool:
    try:
        _journal(before).to(after)
    except ValueError:
        return False
    return True


def test_a_plan_names_each_service_once_with_all_reasons() -> None:
    """A replacement is three steps of the engine, and one thing to a person."""
    steps = tuple(
        Step(operation, f"urn::{name}", kind, reasons)
        for operation, name, kind, reasons in (
            ("create-replacement", "radarr-container", CONTAINER, ("image!", "envs[0]")),
            ("replace", "radarr-container", CONTAINER, ("image!",)),
            ("delete-replaced", "radarr-container", CONTAINER, ()),
            ("create", "prowlarr-container", CONTAINER, ()),
            ("delete", "gone-container", CONTAINER, ()),
            ("update", "media-tree", "command:local:Command", ("create",)),
        )
    )
    plan = plan_of(
        stacks.only("prowlarr", "radarr"),
        Outcome("preview", steps),
        release="b",
        previous="a",
        seconds=None,
    )

    assert [(one.service, one.effect, one.snapshot) for one in plan.radius.services] == [
        ("gone", "removed", False),
        ("prowlarr", "new", False),
        ("radarr", "recreated", True),
    ]
    assert plan.radius.services[2].why == ("another image", "another environment")
    assert plan.radius.others == ("media-tree: changed",)
