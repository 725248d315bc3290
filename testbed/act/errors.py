"""What can be wrong with running workflows here."""

from collections.abc import Sequence

from tame_components.domain.errors import RehearsalError, listed


class RunnerMissing(RehearsalError):
    """A program that the runner needs is not on this machine."""

    code = "TAME761"

    def __init__(self, program: str, why: str, hint: str) -> None:
        super().__init__(f"`{program}` is needed to run workflows here: {why}", hint=hint)


class WorkflowUnknown(RehearsalError):
    """No such workflow, or no such job in it."""

    code = "TAME762"

    def __init__(self, what: str, got: str, known: Sequence[str]) -> None:
        super().__init__(
            f"no such {what} to run here: `{got}`; there is {listed(known)}",
            hint="`ci/act --help` lists what can be run, and what stops at the hosted service",
        )


class RehearsalUnready(RehearsalError):
    """A command that prepares the rehearsal failed."""

    code = "TAME763"

    def __init__(self, command: Sequence[str], said: str) -> None:
        super().__init__(
            f"`{' '.join(command)}` failed: {said.strip()[-800:]}",
            hint="`ci/act clean` removes what an earlier run left; then run this again",
        )
