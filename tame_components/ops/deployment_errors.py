"""Errors of deployments.

DeploymentError    DeploymentFailed  StackLocked  StackNotMade
"""

from collections.abc import Sequence

from tame_components.domain.errors import DeploymentError


class DeploymentFailed(DeploymentError):
    """Pulumi's engine stopped with an error."""

    code = "TAME841"

    def __init__(self, verb: str, stack: str, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        said = "".join(f"\n  {line}" for line in lines) or " the engine gave no reason"
        super().__init__(
            f"`pulumi {verb}` of stack `{stack}` failed:{said}",
            hint=f"mend what the engine names; `pulumi preview -s {stack} --diff` shows the rest",
        )


class StackLocked(DeploymentError):
    """Another deployment holds the stack's lock."""

    code = "TAME842"

    def __init__(self, stack: str, why: str) -> None:
        super().__init__(
            f"the stack `{stack}` is locked: {why}",
            hint="wait for the deployment that runs; if it was killed, take its lock away with "
            f"`pulumi cancel -s {stack}`",
        )


class StackNotMade(DeploymentError):
    """The backend knows no such stack."""

    code = "TAME843"

    def __init__(self, stack: str) -> None:
        super().__init__(
            f"the backend has no stack called `{stack}`",
            hint=f"make it with `pulumi stack init {stack}`, or correct `PULUMI_BACKEND_URL`",
        )
