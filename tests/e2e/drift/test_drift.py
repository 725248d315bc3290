"""What a hand did to the engine is seen, and put back."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal
from tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def stack(make_shared: Make) -> Rehearsal:
    """A small stack, up."""
    rehearsal = make_shared("prowlarr", "radarr")
    outcome = rehearsal.up()
    assert outcome.code == 0, outcome.text
    return rehearsal


def _remove(stack: Rehearsal) -> None:
    stack.container("radarr").remove(force=True)


def _stop(stack: Rehearsal) -> None:
    stack.container("radarr").stop(timeout=5)


def _shrink(stack: Rehearsal) -> None:
    stack.container("radarr").update(mem_limit="64m", memswap_limit="64m")


def _restart_policy(stack: Rehearsal) -> None:
    stack.container("radarr").update(restart_policy={"Name": "always"})


HANDS: list[Callable[[Rehearsal], None]] = [_remove, _stop, _shrink, _restart_policy]


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.__name__.strip("_"))
def test_a_hand_is_seen_and_undone(stack: Rehearsal, hand: Callable[[Rehearsal], None]) -> None:
    """`preview --refresh` shows the drift, `up --refresh` removes it, and touches nothing else."""
    other = stack.container("prowlarr").id
    hand(stack)
    seen = stack.preview("--refresh")
    undone = stack.up("--refresh")

    assert seen.code == 0, seen.text
    assert any("radarr" in name for _, name in seen.steps), seen.text
    assert not any("prowlarr" in name for op, name in seen.steps if op != "refresh"), seen.text
    assert undone.code == 0, undone.text
    container = stack.container("radarr")
    eventually(
        lambda: stack.container("radarr").attrs["State"]["Health"]["Status"] == "healthy",
        within=120,
    )
    assert container.attrs["HostConfig"]["Memory"] == 1024 * 1024 * 1024
    assert container.attrs["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert stack.container("prowlarr").id == other
    assert stack.preview("--refresh", "--expect-no-changes").code == 0
