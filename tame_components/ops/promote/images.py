"""Images of a release, on the engine and as their digests say, before anything is stopped."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from tame_components.domain.image import ImageReference
from tame_components.ops.engine import refusal
from tame_components.ops.promote.errors import ImageMissing


class Engine(Protocol):
    """The part of docker.APIClient that is used here."""

    def images(self) -> list[dict[str, Any]]:
        """Docker's `GET /images/json`."""
        ...

    def pull(self, repository: str, tag: str | None = None) -> str:
        """Docker's `POST /images/create`; the lines of its progress."""
        ...

    def inspect_image(self, image: str) -> dict[str, Any]:
        """Docker's `GET /images/NAME/json`."""
        ...


def fetch(engine: Engine, references: Iterable[str], tell: Callable[[str], None]) -> None:
    """Make sure that each of *references* is there, and that the digest is the one asked for.

    Raises:
        ImageMissing: one cannot be had, or is something else.
    """
    here = present(engine)
    for reference in sorted(set(references)):
        wanted = ImageReference.parse(reference)
        if wanted.familiar in here:
            continue
        tell(f"pulling {reference}")
        _pull(engine, wanted, reference)


def present(engine: Engine) -> frozenset[str]:
    """Every name that the engine has an image for: by tag and by digest."""
    return frozenset(
        name
        for image in engine.images()
        for name in (*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ()))
    )


def _pull(engine: Engine, wanted: ImageReference, reference: str) -> None:
    try:
        engine.pull(wanted.repository, tag=wanted.digest or wanted.tag)
        found: Mapping[str, Any] = engine.inspect_image(wanted.familiar)
    except OSError as error:  # docker's errors are requests' errors, which are OSErrors
        raise ImageMissing(reference, refusal(error)) from error
    digests = found.get("RepoDigests") or ()
    if wanted.digest and not any(one.endswith(wanted.digest) for one in digests):
        raise ImageMissing(reference, f"the engine got {', '.join(digests) or 'no digest'}")
