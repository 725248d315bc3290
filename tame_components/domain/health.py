"""How to tell that a service works, not only that its process runs."""

from typing import Self

from tame_components.domain.base import Frozen, Sourced


class Timing(Frozen):
    """When a probe runs. All times in whole seconds."""

    interval: int = 30
    timeout: int = 10
    retries: int = 3
    start_period: int = 60
    """Failures in this time after the start do not count. Must cover a slow first start."""


class Probe(Sourced):
    """What the Docker engine runs inside the container to judge its health."""

    test: tuple[str, ...] = ()
    """Docker's form: `("CMD", program, argument, ...)`. Empty: the image's own health check."""
    proves: str
    """What a success really shows, e.g. `the database answers`."""
    timing: Timing = Timing()

    @property
    def from_image(self) -> bool:
        """Whether the image brings this probe itself, and the container must not override it."""
        return not self.test

    def every(self, seconds: int) -> Self:
        """The same probe, run each *seconds* (never slower than the catalog says)."""
        timing = self.timing
        quicker = timing.model_copy(
            update={
                "interval": min(seconds, timing.interval),
                "timeout": min(max(seconds, 2), timing.timeout),
            }
        )
        return self.model_copy(update={"timing": quicker})
