"""YAML as nodes that know where they stand; nothing in it is executed or expanded.

Built from the events of PyYAML's parser, without recursion. Scalars are resolved as Compose's own
reader does it (go-yaml v3): `yes` and `22:22` are text, `022` is octal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from tame_components.compose.errors import ComposeInvalid, ComposeTooLarge, ComposeUnreadable


MAX_BYTES = 4_000_000
MAX_NODES = 200_000
"""With every alias written out. The largest public stack that was seen has 6,000."""
MAX_DEPTH = 60

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is
_CORE = "tag:yaml.org,2002:"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_YES = frozenset({"true", "yes", "on", "y", "1"})
"""Where a switch is asked for, Compose takes the words of YAML 1.1 too (compose-spec/compose-go,
loader/interpolate.go)."""
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_OCTAL = re.compile(r"([-+]?)0o?([0-7]+)")
_HEX = re.compile(r"[-+]?0x[0-9a-fA-F_]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: str
    line: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place. Shared by aliases, so never changed."""

    value: "Scalar | list[Node] | dict[str, Node]"
    place: Place
    tag: str = ""
    """`!reset`, `!override`, or empty."""
    unknown: tuple[str, ...] = ()
    """Variables that nobody set, and that stand in the text as `${NAME}`."""

    @property
    def text(self) -> str:
        """A scalar as Compose would write it; empty for null and for anything with parts."""
        if self.value is None or isinstance(self.value, list | dict):
            return ""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value)

    @property
    def items(self) -> "list[Node]":
        """The elements of a list; a single scalar counts as a list of one."""
        if isinstance(self.value, list):
            return self.value
        return [] if self.value is None or isinstance(self.value, dict) else [self]

    @property
    def keys(self) -> "dict[str, Node]":
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, *path: str) -> "Node | None":
        """What lies below, or None."""
        found: Node | None = self
        for key in path:
            found = found.keys.get(key) if found else None
        return found

    def said(self, *path: str) -> str:
        """The text of what lies below; empty where nothing does."""
        found = self.get(*path)
        return found.text if found else ""

    def says_yes(self, *path: str) -> bool:
        """Whether what lies below is switched on."""
        return self.said(*path).lower() in _YES

    def listed(self, *path: str) -> "list[Node]":
        """The elements of what lies below; none where nothing does."""
        found = self.get(*path)
        return found.items if found else []

    def entries(self, *path: str) -> "dict[str, Node]":
        """The entries of what lies below; none where nothing does."""
        found = self.get(*path)
        return found.keys if found else {}

    def without(self, *keys: str) -> "Node":
        """The same mapping, without *keys*."""
        return replace(self, value={k: v for k, v in self.keys.items() if k not in keys})


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    place: Place
    tag: str
    anchor: str | None
    mapping: bool
    entries: dict[str, Node] = field(default_factory=dict)
    elements: list[Node] = field(default_factory=list)
    merged: list[Node] = field(default_factory=list)
    key: str | None = None
    size: int = 1


def read(text: str, file: str) -> list[Node]:
    """The documents of *text*.

    Raises:
        ComposeUnreadable: it is not YAML.
        ComposeTooLarge: it is too long, too deep, or its aliases multiply.
        ComposeInvalid: a key stands twice, or is no text.
    """
    if len(text) > MAX_BYTES:
        raise ComposeTooLarge(file, "bytes", MAX_BYTES)
    try:
        return list(_Reader(file).documents(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        # Without the excerpt that yaml would add: a secret may stand in it.
        mark = error.problem_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise ComposeUnreadable(file, f"{error.problem}{where}") from None
    except yaml.YAMLError as error:
        raise ComposeUnreadable(file, f"not YAML ({type(error).__name__})") from None


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._root: Node | None = None

    def documents(self, events: Iterator[Any]) -> Iterator[Node]:
        for event in events:
            match event:
                case yaml.ScalarEvent():
                    self._add(self._scalar(event), 1, event.anchor)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._push(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._pop()
                case yaml.DocumentEndEvent():
                    if self._root is not None:
                        yield self._root
                    self._root, self._anchors = None, {}

    def _place(self, event: Any) -> Place:  # noqa: ANN401 - an event of PyYAML
        return Place(self._file, event.start_mark.line + 1)

    def _scalar(self, event: Any) -> Node:  # noqa: ANN401 - an event of PyYAML
        own = event.tag if event.tag in {"!reset", "!override"} else ""
        return Node(
            resolved(event.value, event.tag, plain=event.implicit[0]), self._place(event), own
        )

    def _alias(self, event: Any) -> None:  # noqa: ANN401 - an event of PyYAML
        if event.anchor not in self._anchors:
            line = event.start_mark.line + 1
            raise ComposeUnreadable(
                self._file, f"line {line} repeats `*{event.anchor}`, which is not there or not done"
            )
        self._add(*self._anchors[event.anchor], None)

    def _push(self, event: Any) -> None:  # noqa: ANN401 - an event of PyYAML
        if len(self._open) >= MAX_DEPTH:
            raise ComposeTooLarge(self._file, "levels", MAX_DEPTH)
        own = event.tag if event.tag in {"!reset", "!override"} else ""
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open(self._place(event), own, event.anchor, mapping))

    def _pop(self) -> None:
        done = self._open.pop()
        for source in done.merged:
            for key, inherited in source.keys.items():
                done.entries.setdefault(key, inherited)
        value: dict[str, Node] | list[Node] = done.entries if done.mapping else done.elements
        self._add(Node(value, done.place, done.tag), done.size, done.anchor)

    def _add(self, node: Node, size: int, anchor: str | None) -> None:
        if size > MAX_NODES:
            raise ComposeTooLarge(self._file, "values", MAX_NODES)
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.size += size
        if parent.size > MAX_NODES:
            raise ComposeTooLarge(self._file, "values", MAX_NODES)
        if not parent.mapping:
            parent.elements.append(node)
        elif parent.key is None:
            parent.key = self._key(node)
        else:
            self._enter(parent, parent.key, node)
            parent.key = None

    def _key(self, node: Node) -> str:
        if isinstance(node.value, list | dict):
            mistake = f"line {node.place.line}: a key that is no text"
            raise ComposeInvalid(self._file, [mistake])
        return "null" if node.value is None else node.text

    def _enter(self, parent: _Open, key: str, node: Node) -> None:
        if key == "<<":
            parent.merged += node.items if isinstance(node.value, list) else [node]
        elif key in parent.entries:
            mistake = f"line {node.place.line}: the key `{key}` is there twice"
            raise ComposeInvalid(self._file, [mistake])
        else:
            parent.entries[key] = node


def resolved(text: str, tag: str | None, *, plain: bool) -> Scalar:
    """The value of a scalar, as Compose's reader takes it.

    Source: go-yaml/yaml v3, README (compatibility) and resolve.go: booleans are those of YAML 1.2,
    octal numbers those of 1.1, numbers of base 60 are text.
    """
    if tag == f"{_CORE}str" or (not plain and not (tag or "").startswith(_CORE)):
        return text
    if text in _NULL or text in _BOOL:
        return _BOOL.get(text)
    return _number(text)


def _number(text: str) -> Scalar:
    bare = text.replace("_", "")
    if _INT.fullmatch(text):
        return int(bare)
    if match := _OCTAL.fullmatch(bare):
        return int(f"{match[1]}{match[2]}", 8)
    if _HEX.fullmatch(text):
        return int(bare, 16)
    return float(text) if _FLOAT.fullmatch(text) else text
