"""The states of a service, and which may follow which."""

from enum import StrEnum

from tame_components.domain.base import Frozen


class State(StrEnum):
    """What a service is doing, as far as the Docker engine can tell."""

    MISSING = "missing"
    """No container: never made, or removed by hand."""
    STOPPED = "stopped"
    STARTING = "starting"
    """Runs, and its probe has not decided yet."""
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    RUNNING = "running"
    """Runs, and has no probe."""
    RESTARTING = "restarting"
    """Died, and the engine starts it again."""


MAY_FOLLOW: dict[State, frozenset[State]] = {
    State.MISSING: frozenset({State.STOPPED, State.STARTING, State.RUNNING}),
    State.STOPPED: frozenset({State.STARTING, State.RUNNING, State.MISSING}),
    State.STARTING: frozenset(
        {State.HEALTHY, State.UNHEALTHY, State.RESTARTING, State.STOPPED, State.MISSING}
    ),
    State.HEALTHY: frozenset({State.UNHEALTHY, State.RESTARTING, State.STOPPED, State.MISSING}),
    State.UNHEALTHY: frozenset({State.HEALTHY, State.RESTARTING, State.STOPPED, State.MISSING}),
    State.RUNNING: frozenset({State.RESTARTING, State.STOPPED, State.MISSING}),
    State.RESTARTING: frozenset({State.STARTING, State.RUNNING, State.STOPPED, State.MISSING}),
}
"""A leap that is not listed was a leap past an observation, never a wrong one."""


class Observed(Frozen):
    """What one look at the Docker engine says about one container."""

    status: str
    """Docker's `State.Status`, e.g. `running`."""
    health: str | None = None
    """Docker's `State.Health.Status`; None where the container has no probe."""

    @property
    def state(self) -> State:
        """The state that Docker's two words amount to."""
        if self.status == "restarting":
            return State.RESTARTING
        if self.status not in {"running", "paused"}:
            return State.STOPPED
        if self.health in {None, "none"}:
            return State.RUNNING
        return {"healthy": State.HEALTHY, "unhealthy": State.UNHEALTHY}.get(
            self.health or "", State.STARTING
        )
