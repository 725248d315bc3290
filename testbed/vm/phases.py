"""The phases of a run, each measured; what was begun is undone in every case."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """In the order of a run."""

    BOOT = "disk and boot"
    IMAGES = "images"
    PROJECT = "project"
    DEPLOY = "pulumi up"
    GATE = "tame gate"
    DESTROY = "pulumi destroy"
    OFF = "machine removed"


Work = Callable[[], None]


@dataclass
class Run:
    """What is done, and how long each phase took."""

    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    seconds: dict[Phase, float] = field(default_factory=dict)
    failed: Phase | None = None

    def carry_out(self, forward: dict[Phase, Work], undo: dict[Phase, tuple[Phase, Work]]) -> None:
        """Do *forward* in order; then, whatever happened, what undoes the phases that were begun.

        Args:
            forward: the phases.
            undo: by the phase that has to be undone: the phase that does it, and its work. Done in
                reverse order; a failure of one does not keep the next from being done.

        Raises:
            BaseException: the first failure, of a phase or of its undoing.
        """
        begun: list[Phase] = []
        first: BaseException | None = None
        try:
            for phase, work in forward.items():
                begun.append(phase)
                self._do(phase, work)
        except BaseException as error:  # noqa: BLE001 - raised again below, Ctrl-C too
            first = error
        for phase in reversed(begun):
            if phase not in undo:
                continue
            try:
                self._do(*undo[phase])
            except BaseException as error:  # noqa: BLE001 - same
                first = first or error
        if first is not None:
            raise first

    def _do(self, phase: Phase, work: Work) -> None:
        self.say(f"== {phase}")
        begun = self.clock()
        try:
            work()
        except BaseException:
            self.failed = self.failed or phase
            self.say(f"== {phase}: failed after {self.clock() - begun:.1f} s")
            raise
        finally:
            self.seconds[phase] = self.clock() - begun
        self.say(f"== {phase}: {self.seconds[phase]:.1f} s")
