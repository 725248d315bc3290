"""What the stand-in refuses, and how a command fails."""

from collections.abc import Iterable
from typing import Final

from tame_components.domain.errors import RehearsalError, listed


_OFFICIAL: Final = "pulumi plugin install resource command"


class CommandPropertyRefused(RehearsalError):
    """A property of `local.Command` that the stand-in does not implement, or a wrong value."""

    code = "TAME756"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"`{path}` {why}",
            hint=f"correct it, or install the official plugin: `{_OFFICIAL}`",
        )


class CommandTypeRefused(RehearsalError):
    """A resource or setting that the stand-in does not have."""

    code = "TAME757"

    def __init__(self, token: str, known: Iterable[str]) -> None:
        super().__init__(
            f"the stand-in command plugin has no `{token}`; it has {listed(known)}",
            hint=f"install the official plugin: `{_OFFICIAL}`",
        )


class CommandFailed(Exception):
    """A command ended with an error, or was cancelled; in the official plugin's words."""
