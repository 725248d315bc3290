"""Known applications: one TOML file each, read once.

A new application is one file and no Python; docs/add-an-app.md walks through it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from typing_extensions import override

from tame_components.domain.app import App
from tame_components.domain.app_traits import Refusal
from tame_components.domain.errors import CatalogEntryInvalid, UnknownApp


def parse(name: str, text: str) -> App:
    """Read the TOML *text* of the application *name*.

    Raises:
        CatalogEntryInvalid: the text is not TOML, or contradicts the model; all mistakes at once.
    """
    file = f"{name}.toml"
    try:
        content: dict[str, Any] = tomllib.loads(text)
        return App.model_validate({"name": name, **content})
    except tomllib.TOMLDecodeError as error:
        raise CatalogEntryInvalid(file, [str(error)]) from error
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(map(str, fault['loc'])) or 'entry'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise CatalogEntryInvalid(file, mistakes) from error


class _Catalog(Mapping[str, App]):
    """Entries by name, each read when somebody asks for it: a stack needs a few of many."""

    def __init__(self, folder: Traversable) -> None:
        names = (entry.name for entry in folder.iterdir())
        self._names = sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml"))
        self._folder, self._read = folder, dict[str, App]()

    @override
    def __getitem__(self, name: str) -> App:
        if name not in self._read:
            if name not in self._names:
                raise KeyError(name)
            text = (self._folder / f"{name}.toml").read_text("utf-8")
            self._read[name] = parse(name, text)
        return self._read[name]

    @override
    def __contains__(self, name: object) -> bool:
        return name in self._names

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    @override
    def __len__(self) -> int:
        return len(self._names)


@cache
def catalog() -> Mapping[str, App]:
    """Every known application by name, in alphabetical order."""
    return _Catalog(resources.files(__package__) / "apps")


@cache
def refusals() -> Mapping[str, Refusal]:
    """Applications that TAME will not run, by name, with the reason."""
    text = (resources.files(__package__) / "refusals.toml").read_text("utf-8")
    found = (Refusal.model_validate({"name": n, **one}) for n, one in tomllib.loads(text).items())
    return MappingProxyType({one.name: one for one in found})


def app(name: str) -> App:
    """The application called *name*.

    Raises:
        UnknownApp: the catalog has no such entry.
    """
    entries = catalog()
    if name not in entries:
        raise UnknownApp(name, entries)
    return entries[name]
