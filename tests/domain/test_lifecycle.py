"""The states of a service."""

import pytest

from tame_components.domain.lifecycle import MAY_FOLLOW, Observed, State


@pytest.mark.parametrize(
    ("status", "health", "state"),
    [
        ("running", "healthy", State.HEALTHY),
        ("running", "unhealthy", State.UNHEALTHY),
        ("running", "starting", State.STARTING),
        ("running", None, State.RUNNING),
        ("running", "none", State.RUNNING),
        ("restarting", None, State.RESTARTING),
        ("exited", "unhealthy", State.STOPPED),
        ("created", None, State.STOPPED),
        ("dead", None, State.STOPPED),
    ],
)
def test_dockers_words_become_one_state(status: str, health: str | None, state: State) -> None:
    """A container that is `Up` while its application is dead is not healthy."""
    assert Observed(status=status, health=health).state is state


def test_every_state_can_be_left_and_reached() -> None:
    """No state is a trap, and none is unreachable."""
    assert set(MAY_FOLLOW) == set(State)
    assert all(MAY_FOLLOW.values())
    assert set(State) == {state for following in MAY_FOLLOW.values() for state in following}
