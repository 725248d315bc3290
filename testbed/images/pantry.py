"""The layers that images share, each made once."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from testbed.images.closure import add_program
from testbed.images.interpreter import APPS, PREFIX, fill_base, fill_code, python
from testbed.images.layer import Layer, Tree, kept
from testbed.images.programs import find, identity
from testbed.images.recipe import Recipe
from testbed.images.services import PLACES


_OURS: Final = Path(__file__).resolve().parent


class Pantry:
    """Makes layers when they are asked for, and tells what they depend on."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        code = [*sorted(APPS.glob("*.py")), *sorted(_OURS.glob("*.py"))]
        self._sources = _hash(*(path.read_bytes() for path in code))
        self._base_paths: frozenset[str] | None = None

    def inputs(self, recipe: Recipe) -> str:
        """Changes when a program of *recipe*, the interpreter or our own code does.

        A library that is updated under an unchanged program is not noticed: the image goes on
        with the library that it was made with.
        """
        programs = [identity(find(name)) for name in recipe.programs]
        return "\n".join([self._base_key(), self._sources, *programs])

    def layers(self, recipe: Recipe) -> tuple[Layer, ...]:
        """What *recipe* is made of, from the base up."""
        return tuple(self._layers(recipe))

    def _layers(self, recipe: Recipe) -> Iterator[Layer]:
        yield self._shared("base", self._base_key(), fill_base)
        yield self._shared("code", self._sources, fill_code)
        for name in recipe.programs:
            folder = f"{PREFIX}/bin" if name == "busybox" else "usr/bin"
            yield self._program(name, PLACES.get(name, f"{folder}/{name}"))
        own = recipe.mark(self._sources)
        yield kept(f"app-{recipe.app.name}", own, recipe.fill)

    def _program(self, name: str, target: str) -> Layer:
        source = find(name)

        def fill(tree: Tree) -> None:
            add_program(tree, source, target, self._base())

        return self._shared(name, _hash(identity(source).encode(), self._sources.encode()), fill)

    def _shared(self, name: str, key: str, fill: Callable[[Tree], None]) -> Layer:
        def fill_and_say(tree: Tree) -> None:
            self._say(f"making the layer `{name}`")
            fill(tree)

        return kept(name, key, fill_and_say)

    def _base_key(self) -> str:
        return _hash(sys.version.encode(), identity(python()).encode(), self._sources.encode())

    def _base(self) -> frozenset[str]:
        """The paths of the base layer, which no other layer repeats."""
        if self._base_paths is None:
            tree = Tree()
            add_program(tree, python(), "python3", frozenset())
            self._base_paths = frozenset(tree.paths())
        return self._base_paths


def _hash(*parts: bytes) -> str:
    sha = hashlib.sha256()
    for part in parts:
        sha.update(len(part).to_bytes(8, "big") + part)
    return sha.hexdigest()[:16]
