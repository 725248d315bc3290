"""The error of a stack that would run what nobody proved.

DeploymentError    EvidenceRefused
"""

from collections.abc import Iterable

from tame_components.domain.errors import DeploymentError


class EvidenceRefused(DeploymentError):
    """A stack would run what its sandbox did not prove."""

    code = "TAME844"

    def __init__(self, stack: str, refusals: Iterable[str]) -> None:
        lines = "".join(f"\n  {refusal}" for refusal in refusals)
        super().__init__(
            f"`{stack}` may run only what the sandbox proved; nothing was changed:{lines}",
            hint="deploy the same images and settings to the sandbox, then `tame gate --sign` "
            "there; in an emergency, `tame:evidence.break_glass`",
        )
