"""The settings file of an imported stack: written once, then its owner's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from tame_components.ops import durable, stack_yaml
from tame_components.ops.errors import SettingsUnreadable
from tame_components.ops.project import PREFIX, Project


_HIDDEN = frozenset({"root_secret", "secrets"})
"""Keys whose values are encrypted, or should be: nobody compares them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What lies where the settings go, held against what an import says."""

    state: Literal["none", "same", "differs", "foreign"]
    """`foreign`: no settings, or of a stack with none of the services."""
    values: Mapping[str, Any]
    """The `tame:` keys that stand there, without prefix and without secrets."""
    differs: tuple[str, ...] = ()
    """Keys with another value."""
    stored: frozenset[str] = frozenset()
    """Paths of the secrets that stand there encrypted."""


def standing(file: Path, stack: str, wanted: Mapping[str, Any]) -> Standing:
    """Compare the settings *wanted* with the file of *stack*."""
    if not file.exists():
        return Standing("none", {})
    try:
        found = Project(file.parent).stack_file(stack)
    except SettingsUnreadable:
        return Standing("foreign", {})
    values = {key: one for key, one in found.values.items() if key not in _HIDDEN}
    keys = sorted({*values, *wanted})
    differs = tuple(key for key in keys if values.get(key) != wanted.get(key))
    if not differs:
        return Standing("same", values, (), found.secrets)
    services = values.get("services")
    ours = isinstance(services, dict) and set(services) & set(wanted["services"])
    complete = {"config_root", "data", "engine", "environment"} <= set(values)
    state: Literal["differs", "foreign"] = "differs" if ours and complete else "foreign"
    return Standing(state, values, differs, found.secrets)


def write(file: Path, text: str) -> None:
    """Put *text* into *file*, with every secret and key that it holds encrypted already.

    Raises:
        CannotWrite: the directory or the file does not allow it.
    """
    with durable.writing(file):
        durable.write(file, text + _kept(file))


def _kept(file: Path) -> str:
    """What only Pulumi can write again: the salt or key of the stack, and encrypted values."""
    try:
        old = stack_yaml.read(file.read_text("utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, yaml.YAMLError):
        return ""
    if not isinstance(old, dict):
        return ""
    config = old.pop("config", None)
    hidden = {
        key: value
        for key, value in (config.items() if isinstance(config, dict) else ())
        if str(key).removeprefix(PREFIX) in _HIDDEN
    }
    parts = [f"  {line}\n" for line in _lines(hidden)] + [f"{line}\n" for line in _lines(old)]
    return "".join(parts)


def _lines(values: Mapping[str, Any]) -> list[str]:
    return stack_yaml.text(dict(values)).splitlines() if values else []
