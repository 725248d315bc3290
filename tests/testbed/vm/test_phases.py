"""A run of phases: measured, and undone whatever happens."""

from collections.abc import Callable

import pytest

from testbed.vm.phases import Phase, Run


FORWARD = (Phase.BOOT, Phase.IMAGES, Phase.DEPLOY, Phase.GATE)
UNDO = {Phase.BOOT: Phase.OFF, Phase.DEPLOY: Phase.DESTROY}


def _work(done: list[Phase], phase: Phase, fails: dict[Phase, BaseException]) -> Callable[[], None]:
    def work() -> None:
        done.append(phase)
        if phase in fails:
            raise fails[phase]

    return work


def _run(fails: dict[Phase, BaseException]) -> tuple[list[Phase], Run]:
    done: list[Phase] = []
    ticks = iter(range(100))
    run = Run(lambda _: None, clock=lambda: float(next(ticks)))
    forward = {one: _work(done, one, fails) for one in FORWARD}
    undo = {one: (back, _work(done, back, fails)) for one, back in UNDO.items()}
    first = next(iter(fails.values()), None)
    if first is None:
        run.carry_out(forward, undo)
        return done, run
    with pytest.raises(type(first)) as raised:
        run.carry_out(forward, undo)
    assert raised.value is first
    return done, run


def test_everything_is_undone_in_reverse_after_a_good_run() -> None:
    """The machine goes last, and every phase has a time."""
    done, run = _run({})

    assert done == [*FORWARD, Phase.DESTROY, Phase.OFF]
    assert set(run.seconds) == set(done)
    assert run.failed is None


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=["error", "ctrl-c"])
@pytest.mark.parametrize("phase", FORWARD)
def test_what_was_begun_is_undone_whatever_fails(phase: Phase, error: BaseException) -> None:
    """Also the phase that failed in the middle; nothing that was not begun; nothing after it."""
    done, run = _run({phase: error})
    begun = FORWARD[: FORWARD.index(phase) + 1]

    undone = [UNDO[one] for one in reversed(begun) if one in UNDO]
    assert done == [*begun, *undone]
    assert run.failed is phase


def test_a_stack_that_cannot_be_destroyed_does_not_keep_the_machine() -> None:
    """The first failure is the one that is told; the machine is removed all the same."""
    first, second = ValueError("gate"), ValueError("destroy")
    done, run = _run({Phase.GATE: first, Phase.DESTROY: second})

    assert done[-2:] == [Phase.DESTROY, Phase.OFF]
    assert run.failed is Phase.GATE
