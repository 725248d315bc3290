"""Known applications: one TOML file each, read once.

A new application is one file and no Python; docs/add-an-app.md walks through it.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

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


@cache
def catalog() -> Mapping[str, App]:
    """Every known application by name, in alphabetical order."""
    folder = resources.files(__package__) / "apps"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")),
        key=lambda entry: entry.name.removesuffix(".toml"),
    )
    apps = (parse(file.name.removesuffix(".toml"), file.read_text("utf-8")) for file in files)
    return MappingProxyType({app.name: app for app in apps})


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
