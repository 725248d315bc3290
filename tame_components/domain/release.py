"""A release: what a stack runs, so exactly that two stacks can be compared."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.domain.errors import ImageReferenceInvalid
from tame_components.domain.image import ImageReference


class PolicyResult(Frozen):
    """A violation that the policy pack reported, or what it let pass."""

    policy: str
    level: str
    message: str


class Release(Frozen):
    """Images, configuration and program of a stack."""

    images: dict[str, str]
    """By service: the reference with the digest that the engine pulled it by, where it has one."""
    config: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the settings that shape containers: `Topology.release`."""
    program: str | None = None
    """The revision of the programs: a Git commit, `-dirty` behind it where files differ."""
    policies: tuple[PolicyResult, ...] = ()

    @property
    def id(self) -> str:
        """Twelve digits that two equal releases share: of images and configuration alone."""
        text = canonical({"images": self.images, "config": self.config})
        return hashlib.sha256(text).hexdigest()[:12]

    def gaps(self, images: Mapping[str, str], config: str) -> Iterator[str]:
        """In words, what of another stack's *images* and *config* this release does not cover."""
        for service, wanted in sorted(images.items()):
            proved = self.images.get(service)
            if proved is None:
                yield f"image of `{service}`: the sandbox does not run the service"
            elif not same_image(proved, wanted):
                yield f"image of `{service}`: `{wanted}`, and the sandbox proved `{proved}`"
        if config != self.config:
            yield (
                f"config: the settings' hash is `{config[:12]}`, and the sandbox proved "
                f"`{self.config[:12]}`"
            )


def same_image(one: str, other: str) -> bool:
    """Whether two references name one image: by digest where both have one, else by tag."""
    try:
        first, second = ImageReference.parse(one), ImageReference.parse(other)
    except ImageReferenceInvalid:
        return False
    if first.repository != second.repository:
        return False
    if first.digest and second.digest:
        return first.digest == second.digest
    # A tag can move, but where one side knows no digest there is nothing better to compare.
    return first.tag is not None and first.tag == second.tag


def canonical(value: Any) -> bytes:  # noqa: ANN401 - what json can write
    """*value* as JSON in the one way that signatures are made of: sorted, compact, UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()
