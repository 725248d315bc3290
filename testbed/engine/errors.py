"""What can be wrong with the test bed's Docker engine."""

from pathlib import Path

from tame_components.domain.errors import RehearsalError


class EngineNotInstallable(RehearsalError):
    """No Docker engine runs here, and this process cannot install or start one."""

    code = "TAME701"

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(f"no Docker engine runs here and none can be started: {why}", hint=hint)


class EngineCrashed(RehearsalError):
    """The private `dockerd` ended, or never answered."""

    code = "TAME702"

    def __init__(self, log: Path, why: str) -> None:
        super().__init__(
            f"the private Docker engine does not run: {why}",
            hint=f"`{log}` says why; `python -m testbed.engine stop` clears what is left of it",
        )
