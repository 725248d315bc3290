"""What is known of the image that an application comes in."""

import datetime as dt
from enum import StrEnum
from typing import Literal

from pydantic import Field

from tame_components.domain.base import Sourced
from tame_components.domain.image import ImageReference


class Family(StrEnum):
    """Who built the image, as far as it changes how the container is set up."""

    LINUXSERVER = "linuxserver"
    """s6 init as root, then the service as PUID:PGID; `FILE__NAME` variables read files."""
    HOTIO = "hotio"
    """s6 init, PUID/PGID/UMASK, no `FILE__`."""
    VENDOR = "vendor"
    """The application's own authors; nothing in common."""


class Pin(Sourced):
    """The image that TAME deploys unless a stack names another."""

    repository: str
    tag: str
    seen: dt.date
    """The day on which *source* showed that this tag exists."""
    family: Family
    architectures: tuple[Literal["amd64", "arm64", "arm/v7"], ...]

    @property
    def reference(self) -> ImageReference:
        """The reference without a digest: digests are written by a lock, never typed."""
        return ImageReference(repository=self.repository, tag=self.tag)


class Programs(Sourced):
    """Programs that the image is known to contain, so that probes may use them."""

    names: tuple[str, ...] = ()


class Identity(Sourced):
    """How the image chooses the user that it runs as."""

    by: Literal["puid-pgid", "user", "fixed"]
    """`puid-pgid`: environment. `user`: Docker's `user`. `fixed`: the image decides."""
    umask: bool = False
    """Whether the image reads UMASK."""
    uid: int | None = None
    """The id of a `fixed` image, where known."""


class Limits(Sourced):
    """Resource limits that fit a home server."""

    memory_mb: int = Field(ge=16)
