"""The container that only mounts is made of an image that the engine takes."""

from typing import Any

import docker.errors
import pytest

from tame_components.domain.adoption import OldState
from tame_components.ops.adopt.errors import AdoptionStopped
from tame_components.ops.adopt.model import Move
from tame_components.ops.adopt.reach import old_state


PLAIN = {"Os": "linux", "Architecture": "amd64", "Config": {}}
VOLUMES = {**PLAIN, "Config": {"Volumes": {"/config": {}}}}
FOREIGN = {**PLAIN, "Architecture": "arm64"}
WINDOWS = {**PLAIN, "Os": "windows"}
GONE: dict[str, Any] = {}
"""Listed, and removed before somebody looks."""


class Engine:
    """Lists its images as Docker does, the newest first, and writes down what boxes are made of."""

    def __init__(self, **images: tuple[int, dict[str, Any]]) -> None:
        self.boxes: list[str] = []
        self._images = images

    def version(self, *, api_version: bool) -> dict[str, str]:
        """Of the engine, not of the API that the client speaks."""
        assert not api_version
        return {"Os": "linux", "Arch": "amd64"}

    def images(self) -> list[dict[str, Any]]:
        """All of them."""
        return [{"Id": name, "Size": size} for name, (size, _) in self._images.items()]

    def inspect_image(self, image: str) -> dict[str, Any]:
        """What one is; refused for one that is gone."""
        if not self._images.get(image, (0, GONE))[1]:
            raise docker.errors.ImageNotFound("no such image")
        return self._images[image][1]

    def create_host_config(self, **_: object) -> None:
        """A part of what a box is made with."""

    def create_container(self, image: str, **_: object) -> dict[str, str]:
        """A box."""
        self.boxes.append(image)
        return {"Id": "box"}

    def remove_container(self, box: str, *, v: bool) -> None:
        """With the volumes that its image made."""
        assert (box, v) == ("box", True)


def _box(engine: Any, image: str = "") -> str:
    """The image of the box that the state of a volume is read with."""
    state = OldState(kind="volume", source="films", directory="/config")
    move = Move(
        stack="media",
        service="radarr",
        app="radarr",
        state=state,
        target="/srv/config/radarr",
        image=image,
    )
    with old_state(move, engine):
        pass
    (made,) = engine.boxes
    return str(made)


@pytest.mark.parametrize(
    ("images", "taken"),
    [
        ({"new": (900, PLAIN), "small": (5, PLAIN), "old": (70, PLAIN)}, "small"),
        ({"volumes": (5, VOLUMES), "plain": (70, PLAIN)}, "plain"),
        ({"foreign": (5, FOREIGN), "plain": (70, PLAIN)}, "plain"),
        ({"foreign": (5, FOREIGN), "volumes": (70, VOLUMES)}, "volumes"),
        ({"windows": (5, WINDOWS), "foreign": (70, FOREIGN)}, "foreign"),
        ({"gone": (5, GONE), "plain": (70, PLAIN)}, "plain"),
        ({"old": (900, VOLUMES), "plain": (5, PLAIN)}, "old"),
    ],
    ids=["small", "no volumes", "own kind", "of two evils", "other system", "gone", "its own"],
)
def test_a_box_is_made_of_what_the_engine_takes(
    images: dict[str, tuple[int, dict[str, Any]]], taken: str
) -> None:
    """The old container's image if it is there; else the smallest that is sure to be taken."""
    assert _box(Engine(**images), image="old" if taken == "old" else "") == taken


def test_a_container_that_outlived_its_image_is_read_all_the_same() -> None:
    """`docker rmi -f` leaves the container, whose image would be refused."""
    assert _box(Engine(any=(70, PLAIN)), image="sha256:gone") == "any"


def test_an_engine_without_an_image_is_told_what_it_lacks() -> None:
    """An image of another system is none."""
    with pytest.raises(AdoptionStopped, match="pull any"):
        _box(Engine(windows=(5, WINDOWS)))
