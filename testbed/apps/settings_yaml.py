"""YAML as TAME's generators write it: maps, lists and scalars in block style, one per line."""

import json
import re
from typing import Any


_PAIR = re.compile(r"('(?:[^']|'')*'|[^\s'\"\[{#-][^:]*):(?:\s+(.*))?$")


def parse(text: str) -> Any:  # noqa: ANN401 - whatever YAML may hold
    """What *text* says. Long flow collections, anchors and block scalars are not read.

    Raises:
        ValueError: a line that this subset has no form for.
    """
    lines = [
        (len(line) - len(line.lstrip(" ")), line.strip())
        for line in text.splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    return _Reader(lines).block(0) if lines else None


class _Reader:
    """Goes through the lines once."""

    def __init__(self, lines: list[tuple[int, str]]) -> None:
        self._lines = lines
        self._at = 0

    def block(self, indent: int) -> Any:  # noqa: ANN401 - see parse
        """The collection, or scalar, that begins at this line and is indented by *indent*."""
        begins, line = self._lines[self._at]
        if line.startswith("- ") or line == "-":
            return self._list(begins)
        if _PAIR.match(line):
            return self._map(max(begins, indent))
        self._at += 1
        return _scalar(line)

    def _list(self, indent: int) -> list[Any]:
        found = []
        while self._is_at(indent) and self._lines[self._at][1].startswith("-"):
            rest = self._lines[self._at][1][1:].lstrip()
            if rest:
                # The item's own first line, where it would stand without its dash.
                self._lines[self._at] = (indent + 2, rest)
                found.append(self.block(indent + 2))
            else:
                self._at += 1
                found.append(self.block(indent + 1))
        return found

    def _map(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._is_at(indent):
            match = _PAIR.match(self._lines[self._at][1])
            if match is None:
                raise ValueError(f"no key: `{self._lines[self._at][1]}`")
            self._at += 1
            name = str(_scalar(match[1]))
            found[name] = _scalar(match[2]) if match[2] else self._below(indent)
        return found

    def _below(self, indent: int) -> Any:  # noqa: ANN401 - see parse
        if self._at == len(self._lines):
            return None
        begins, line = self._lines[self._at]
        # A list may stand as far left as its key.
        if begins > indent or (begins == indent and line.startswith("-")):
            return self.block(begins)
        return None

    def _is_at(self, indent: int) -> bool:
        return self._at < len(self._lines) and self._lines[self._at][0] == indent


def _scalar(text: str) -> Any:  # noqa: ANN401 - see parse
    if text.startswith("'") and text.endswith("'"):
        return text[1:-1].replace("''", "'")
    if text in {"null", "~"}:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
