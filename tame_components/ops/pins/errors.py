"""Why a registry's answer cannot be used."""

from collections.abc import Sequence

from tame_components.domain.errors import TameError


class PinsError(TameError):
    """Something about pins went wrong; nothing was written."""


class RegistryUnreachable(PinsError):
    """A registry does not answer, or not as the distribution specification says."""

    code = "TAME871"

    def __init__(self, registry: str, why: str) -> None:
        super().__init__(
            f"the registry `{registry}` gives no usable answer: {why}",
            hint="try again later, or name a mirror in `tame:registry.mirrors`;"
            " after too many anonymous pulls `docker login` helps",
        )


class TagUnknown(PinsError):
    """A pinned tag that the registry does not have."""

    code = "TAME872"

    def __init__(self, images: Sequence[str]) -> None:
        lines = "".join(f"\n  {image}" for image in images)
        super().__init__(
            f"no such image in its registry:{lines}",
            hint="`tame pins check` shows which tags there are; correct `image` of the service",
        )


class PinUnmovable(PinsError):
    """A pin that this command cannot move."""

    code = "TAME873"

    def __init__(self, service: str, why: str) -> None:
        super().__init__(
            f"the pin of `{service}` stays: {why}",
            hint="`tame pins check` shows what can be moved",
        )
