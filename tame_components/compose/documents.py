"""The documents of one file, with its variables filled in and its paths in their place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tame_components.compose import dotenv
from tame_components.compose.errors import ComposeTooLarge, ComposeUnreadable
from tame_components.compose.interpolation import interpolated
from tame_components.compose.nodes import MAX_BYTES, Node, Place, read
from tame_components.compose.placing import anchored


MAX_FILES = 200
SECTIONS = ("services", "networks", "volumes", "secrets", "configs")


@dataclass(slots=True)
class Reading:
    """What all files of one project share."""

    directory: Path
    variables: Mapping[str, str]
    mistakes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    opened: list[Path] = field(default_factory=list)
    """Every file that was read, in order; files that include each other twice multiply."""


def text_of(file: Path) -> str:
    """What *file* holds.

    Raises:
        ComposeUnreadable: it is not there, or no text.
        ComposeTooLarge: it is longer than any stack.
    """
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise ComposeUnreadable(str(file), "it is no file")
        if size > MAX_BYTES:
            raise ComposeTooLarge(str(file), "bytes", MAX_BYTES)
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ComposeUnreadable(str(file), "it is not UTF-8 text") from None
    except OSError as error:
        raise ComposeUnreadable(str(file), (error.strerror or str(error)).lower()) from None


def documents(file: Path, reading: Reading) -> list[Node]:
    """The mappings of *file*; mistakes are added to *reading*.

    Raises:
        ComposeUnreadable: it is no YAML, or no mapping.
    """
    reading.opened.append(file)
    if len(reading.opened) > MAX_FILES:
        raise ComposeTooLarge(str(reading.opened[0]), "files", MAX_FILES)
    found = []
    for node in read(text_of(file), str(file)):
        if node.value is None:
            continue
        if not isinstance(node.value, dict):
            raise ComposeUnreadable(str(file), "it is not a mapping")
        done = interpolated(_legacy(node), reading.variables, reading.mistakes)
        _check_sections(done, reading)
        found.append(anchored(done, file.parent, reading.directory))
    return found


def _legacy(node: Node) -> Node:
    """Files of before version 2 have services at the top."""
    keys = node.keys
    known = {*SECTIONS, "version", "name", "include", "models"}
    if known & set(keys) or not any(one.get("image") or one.get("build") for one in keys.values()):
        return node
    return replace(node, value={"services": node})


def _check_sections(node: Node, reading: Reading) -> None:
    for section in SECTIONS:
        found = node.get(section)
        if found is None or found.value is None:
            continue
        if not found.keys and found.value != {}:
            reading.mistakes.append(f"{at(found.place)}: `{section}` is not a mapping")
        for name, one in found.keys.items():
            if section == "services" and not isinstance(one.value, dict) and one.tag != "!reset":
                reading.mistakes.append(f"{at(one.place)}: service `{name}` is not a mapping")


def at(place: Place) -> str:
    """*place* as a person reads it."""
    return f"{place.file}:{place.line}"


def variables_of(file: Path, known: Mapping[str, str], *, required: bool) -> dict[str, str]:
    """The variables of a file such as `.env`; none where it is not there and not *required*."""
    if not required and not file.is_file():
        return {}
    found = dotenv.parse(text_of(file), known)
    return {name: one.text for name, one in found.items() if not one.unknown}
