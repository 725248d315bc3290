"""Errors of the gate.

DeploymentError    KeyMissing  KeyPresent  StackMoved
"""

from collections.abc import Iterable

from tame_components.domain.errors import DeploymentError


class KeyMissing(DeploymentError):
    """There is no key to sign evidence with."""

    code = "TAME845"

    def __init__(self, stack: str, key: str) -> None:
        super().__init__(
            f"stack `{stack}` has no key to sign evidence with: `{key}` is not set",
            hint=f"make one: `tame gate --new-key {stack}`",
        )


class KeyPresent(DeploymentError):
    """A new key would make all evidence so far worthless."""

    code = "TAME846"

    def __init__(self, stack: str, key: str) -> None:
        super().__init__(
            f"stack `{stack}` has a key already; nothing was changed",
            hint="to replace it, and the public key wherever it is trusted, first "
            f"`pulumi config rm --path {key} -s {stack}`",
        )


class StackMoved(DeploymentError):
    """The `up` that publishes evidence would change more than the evidence."""

    code = "TAME847"

    def __init__(self, stack: str, changes: Iterable[str]) -> None:
        super().__init__(
            f"stack `{stack}` changed while its evidence was published: {', '.join(changes)}",
            hint="deploy what is asked for, then run `tame gate --sign` again",
        )
