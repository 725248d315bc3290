"""What a scenario is.

It does something to a stack that runs a proved release, and says how each attempt has to end;
whoever runs it looks whether it did.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.e2e.promotion.conftest import Shelf
from tests.e2e.promotion.prod import Done, Prod, Whole


@dataclass(frozen=True)
class Ending:
    """How an attempt ended, and what has to run then."""

    prod: Prod
    done: Done
    expected: Whole
    code: str = ""
    """Of the error; empty: there is none."""


@dataclass
class Scene:
    """What a scenario needs."""

    prod: Prod
    shelf: Shelf
    fresh: Callable[..., Prod]
    """Another stack that runs a proved release, with the settings that are given."""
    new_shelf: Callable[[], AbstractContextManager[Shelf]]
    folder: Path

    @property
    def whole(self) -> Whole:
        """What runs before."""
        return self.prod.whole()


Scenario = Callable[[Scene], Iterator[Ending]]


def updated(scene: Scene, before: Whole) -> Generator[Ending, None, tuple[Whole, str]]:
    """A good release is promoted, and writes a row; what runs without it, and its name."""
    after = replace(before, image=scene.shelf.release())
    scene.prod.ask(after.image)
    yield Ending(scene.prod, scene.prod.promote(), after)
    return after, scene.prod.add_row()
