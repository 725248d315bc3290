"""Images are there, and are what their digests say, before anything stops."""

from typing import Any

import pytest

from tame_components.ops.promote.errors import ImageMissing
from tame_components.ops.promote.images import fetch


DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
IMAGE = f"example.org/radarr:6.2.1@{DIGEST}"


class Registry:
    """An engine with a registry behind it."""

    def __init__(self, *here: str, gives: str | None = DIGEST) -> None:
        self.here, self.gives = set(here), gives
        self.pulled: list[str] = []

    def images(self) -> list[dict[str, Any]]:
        """What the engine has."""
        return [{"RepoTags": None, "RepoDigests": [one]} for one in sorted(self.here)]

    def pull(self, repository: str, tag: str | None = None) -> str:
        """Gets it, where the registry has it."""
        if self.gives is None:
            raise OSError("manifest unknown")
        self.pulled.append(f"{repository} {tag}")
        return ""

    def inspect_image(self, image: str) -> dict[str, Any]:
        """What was got."""
        return {"RepoDigests": [f"{image.partition('@')[0]}@{self.gives}"]}


def _silent(_: str) -> None:
    return None


def test_what_is_missing_is_pulled_by_digest_and_nothing_else() -> None:
    """A registry that is gone does not matter where the image is here."""
    engine = Registry()
    fetch(engine, [IMAGE, IMAGE], _silent)
    assert engine.pulled == [f"example.org/radarr {DIGEST}"]

    fetch(Registry(f"example.org/radarr@{DIGEST}", gives=None), [IMAGE], _silent)


def test_an_image_that_cannot_be_had_or_is_another_one_stops_the_promotion() -> None:
    """Unknown tag, registry gone, or content that does not fit its digest."""
    with pytest.raises(ImageMissing, match="manifest unknown"):
        fetch(Registry(gives=None), [IMAGE], _silent)
    with pytest.raises(ImageMissing, match="the engine got"):
        fetch(Registry(gives=OTHER), [IMAGE], _silent)
