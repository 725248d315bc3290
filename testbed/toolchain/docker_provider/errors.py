"""What the stand-in refuses, and how an operation on the engine fails."""

from collections.abc import Iterable
from typing import Final

from tame_components.domain.errors import RehearsalError, listed


_OFFICIAL: Final = "pulumi plugin install resource docker"


class PropertyRefused(RehearsalError):
    """A property that the stand-in does not implement, or that has a wrong value."""

    code = "TAME751"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"`{path}` {why}",
            hint="correct it, or install the official plugin: `" + _OFFICIAL + "`",
        )


class ConfigRefused(RehearsalError):
    """A setting of `docker.Provider` that the stand-in does not implement."""

    code = "TAME752"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"the stand-in docker plugin takes `host` only, and got {listed(names)}",
            hint="remove it, or install the official plugin: `" + _OFFICIAL + "`",
        )


class RealImageRefused(RehearsalError):
    """The stand-in plugin is asked to run a real application."""

    code = "TAME753"

    def __init__(self, image: str) -> None:
        super().__init__(
            f"`{image}` has no label `tame.stand-in`, and the stand-in docker plugin serves "
            "rehearsals only",
            hint="name a stand-in image (`python -m testbed.images build`), or install the "
            "official plugin: `" + _OFFICIAL + "`",
        )


class TypeRefused(RehearsalError):
    """A resource that the stand-in does not have."""

    code = "TAME754"

    def __init__(self, token: str, known: Iterable[str]) -> None:
        super().__init__(
            f"the stand-in docker plugin has no `{token}`; it has {listed(known)}",
            hint="install the official plugin: `" + _OFFICIAL + "`",
        )


class OperationFailed(Exception):
    """An operation failed, in the official plugin's words; what there was is as it was."""


class HalfMade(Exception):
    """A container exists, and what should have followed failed."""

    def __init__(self, made: str, why: str) -> None:
        super().__init__(why)
        self.made = made
        """The container's id."""
