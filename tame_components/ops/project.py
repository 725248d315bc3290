"""A Pulumi project on disk: its stacks and what their settings files say, secrets left out.

Reads files only. Pulumi's own CLI would need a backend and a passphrase, and 0.3 s.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tame_components.catalog import catalog, refusals
from tame_components.domain.compose import compose_topology
from tame_components.domain.lock import read_lock
from tame_components.domain.settings import StackSettings
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from tame_components.ops import stack_yaml
from tame_components.ops.errors import ProjectMissing, SettingsUnreadable, StackUnclear


PREFIX = "tame:"
_PROJECT = "Pulumi.yaml"


@dataclass(frozen=True)
class StackFile:
    """One `Pulumi.<stack>.yaml`."""

    stack: str
    path: Path
    values: Mapping[str, Any]
    """The `tame:` keys without their prefix, parsed; encrypted values are left out."""
    secrets: frozenset[str]
    """Paths of the encrypted values, e.g. `tame:secrets.gluetun.wireguard_private_key`."""

    @cached_property
    def settings(self) -> StackSettings:
        """What the file decides.

        Raises:
            SettingsInvalid: every mistake at once.
        """
        return check_settings(self.path.name, self.stack, self.values)

    @cached_property
    def topology(self) -> Topology:
        """The stack that follows.

        Raises:
            TameError: the settings contradict themselves, the catalog or the doctrine.
        """
        lock = read_lock(self.path.parent, self.stack)
        return compose_topology(self.settings, catalog(), refusals(), lock)


@dataclass(frozen=True)
class Project:
    """A directory with a `Pulumi.yaml`."""

    root: Path

    @property
    def name(self) -> str:
        """What `Pulumi.yaml` calls it; empty where it does not."""
        return str(_mapping(self.root / _PROJECT).get("name", ""))

    @cached_property
    def stacks(self) -> tuple[str, ...]:
        """The stacks that have a settings file, in alphabetical order."""
        files = self.root.glob("Pulumi.*.yaml")
        return tuple(sorted(file.name[len("Pulumi.") : -len(".yaml")] for file in files))

    def stack_file(self, asked: str | None = None) -> StackFile:
        """The settings file of the stack *asked*; by default of the only or the selected one.

        Raises:
            StackUnclear: which stack is meant cannot be said.
            SettingsUnreadable: its file is not a mapping in YAML.
        """
        stack = asked or (self.stacks[0] if len(self.stacks) == 1 else self.selected)
        if stack not in self.stacks:
            raise StackUnclear(asked, self.stacks)
        return _read(stack, self.root / f"Pulumi.{stack}.yaml")

    @property
    def selected(self) -> str | None:
        """The stack that `pulumi stack select` chose; None where nobody did.

        Source: pulumi/pulumi, sdk/go/common/workspace/workspace.go: `<project>-<SHA-1 of the
        project file's path>-workspace.json` below PULUMI_HOME.
        """
        folder = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "workspaces"
        for root in (self.root, self.root.resolve()):
            digest = hashlib.sha1(str(root / _PROJECT).encode(), usedforsecurity=False).hexdigest()
            try:
                text = (folder / f"{self.name}-{digest}-workspace.json").read_text("utf-8")
                found = json.loads(text)
                return str(found["stack"]).rpartition("/")[2] or None
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return None


def find_project(start: Path) -> Project:
    """The project that *start* lies in.

    Raises:
        ProjectMissing: neither *start* nor a directory above it has a `Pulumi.yaml`.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / _PROJECT).is_file():
            return Project(folder)
    raise ProjectMissing(str(start))


def _read(stack: str, path: Path) -> StackFile:
    config = _mapping(path).get("config") or {}
    if not isinstance(config, dict):
        raise SettingsUnreadable(path.name, "`config` is not a mapping")
    secrets: set[str] = set()
    values = {}
    for key, value in config.items():
        if str(key).startswith(PREFIX):
            plain = _without_secrets(str(key), value, secrets)
            if plain is not _ENCRYPTED:
                values[str(key).removeprefix(PREFIX)] = _parsed(plain)
    return StackFile(stack=stack, path=path, values=values, secrets=frozenset(secrets))


def _mapping(path: Path) -> dict[str, Any]:
    try:
        found = stack_yaml.read(path.read_text("utf-8"))
    except yaml.MarkedYAMLError as error:
        # Without the excerpt that yaml would add: a secret may stand in it.
        mark = error.problem_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise SettingsUnreadable(path.name, f"{error.problem}{where}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsUnreadable(path.name, type(error).__name__) from None
    if not isinstance(found, dict):
        raise SettingsUnreadable(path.name, "it is not a mapping")
    return found


_ENCRYPTED = object()


def _without_secrets(path: str, value: Any, secrets: set[str]) -> Any:  # noqa: ANN401 - YAML
    """*value* without what is encrypted, whose paths are added to *secrets*."""
    if not isinstance(value, dict):
        return value
    if set(value) == {"secure"}:
        secrets.add(path)
        return _ENCRYPTED
    kept = {key: _without_secrets(f"{path}.{key}", one, secrets) for key, one in value.items()}
    return {key: one for key, one in kept.items() if one is not _ENCRYPTED}


def _parsed(value: Any) -> Any:  # noqa: ANN401 - checked by the model
    """Pulumi writes top-level numbers and booleans back as text: `"true"`, `"3"`."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
