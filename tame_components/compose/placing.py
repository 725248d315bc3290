"""Paths that a file names relative to itself, made relative to the project's directory."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tame_components.compose.nodes import Node


_DRIVE = re.compile(r"[A-Za-z]:[\\/]")

Change = Callable[[Node], Node]


def anchored(model: Node, base: Path, project: Path) -> Node:
    """*model* of a file in *base*, with its paths as seen from *project*."""
    services = model.get("services")
    if services is None or not services.keys:
        return model
    done = {
        name: _service(one, base, project) if isinstance(one.value, dict) else one
        for name, one in services.keys.items()
    }
    return replace(model, value={**model.keys, "services": replace(services, value=done)})


def _service(service: Node, base: Path, project: Path) -> Node:
    entries = dict(service.keys)
    if "volumes" in entries:
        entries["volumes"] = _each(entries["volumes"], lambda one: _volume(one, base, project))
    if "env_file" in entries:
        entries["env_file"] = _each(entries["env_file"], lambda one: _file(one, base, project))
    extends = entries.get("extends")
    if extends and (file := extends.get("file")):
        place = replace(file, value=seen_from(file.text, base, project))
        entries["extends"] = replace(extends, value={**extends.keys, "file": place})
    return replace(service, value=entries)


def _each(node: Node, change: Change) -> Node:
    if isinstance(node.value, list):
        return replace(node, value=[change(one) for one in node.value])
    return change(node)


def _volume(one: Node, base: Path, project: Path) -> Node:
    if one.keys:
        source = one.get("source")
        if source is None or not _relative(source.text):
            return one
        moved = replace(source, value=seen_from(source.text, base, project))
        return replace(one, value={**one.keys, "source": moved})
    source_text, colon, rest = one.text.partition(":")
    if not colon or not _relative(source_text):
        return one
    return replace(one, value=f"{seen_from(source_text, base, project)}:{rest}")


def _file(one: Node, base: Path, project: Path) -> Node:
    if one.keys:
        path = one.get("path")
        if path is None:
            return one
        return replace(one, value={**one.keys, "path": _file(path, base, project)})
    if one.unknown or not isinstance(one.value, str) or one.value.startswith(("/", "~")):
        return one
    return replace(one, value=seen_from(one.value, base, project))


def _relative(text: str) -> bool:
    """Whether *text* is a path from here; a plain word is a volume's name."""
    return text.startswith(".") and not _DRIVE.match(text)


def seen_from(path: str, base: Path, project: Path) -> str:
    """*path* of a file in *base*, as seen from *project*."""
    if path.startswith("/"):
        return path
    joined = posixpath.normpath(posixpath.join(str(base.absolute()), path))
    seen = posixpath.relpath(joined, str(project.absolute()))
    return seen if seen.startswith("..") else f"./{seen}".removesuffix("/.")
