"""Variables in a Compose file: `$V ${V} ${V:-d} ${V-d} ${V:?e} ${V?e} ${V:+a} ${V+a} $$`.

Source: docs.docker.com/reference/compose-file/interpolation. Where Compose would put nothing for a
variable that nobody set, and warn, the value here is unknown: whoever starts the stack sets it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tame_components.compose.nodes import Node


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = (":-", ":?", ":+", "-", "?", "+")
_DEEPEST = 20

_HOLE = re.compile(r"\$\{(\w+)\}")
"""How an unknown variable stands in an expanded text."""


class NotInterpolable(ValueError):
    """A `${` that is no variable; Compose refuses it too."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with its variables filled in."""

    text: str
    unknown: tuple[str, ...] = ()
    """Variables that nobody set; each stands in the text as `${NAME}`."""


def expand(text: str, variables: Mapping[str, str]) -> Expanded:
    """*text* with *variables* filled in.

    Raises:
        NotInterpolable: a brace that is not closed, or that holds no variable.
    """
    if "$" not in text:
        return Expanded(text)
    done = _Expansion(text, variables)
    found = done.until_end()
    return Expanded(found, tuple(dict.fromkeys(done.unknown)))


def filled(text: str, value: str) -> str:
    """An expanded text with *value* for each unknown variable."""
    return _HOLE.sub(lambda _: value, text)


class _Expansion:
    def __init__(self, text: str, variables: Mapping[str, str], depth: int = 0) -> None:
        self._text, self._variables, self._depth = text, variables, depth
        self._at = 0
        self.unknown: list[str] = []
        if depth > _DEEPEST:
            raise NotInterpolable("defaults within defaults go too deep")

    def until_end(self) -> str:
        parts = []
        while True:
            dollar = self._text.find("$", self._at)
            if dollar < 0:
                parts.append(self._text[self._at :])
                return "".join(parts)
            parts.append(self._text[self._at : dollar])
            self._at = dollar + 1
            parts.append(self._one())

    def _one(self) -> str:
        rest = self._text[self._at : self._at + 1]
        if rest == "$":
            self._at += 1
            return "$"
        if rest == "{":
            self._at += 1
            return self._braced()
        match = _NAME.match(self._text, self._at)
        if match is None:
            return "$"  # Compose 2.40 keeps it (measured); older ones refused it
        self._at = match.end()
        return self._known(match[0])

    def _braced(self) -> str:
        match = _NAME.match(self._text, self._at)
        if match is None:
            raise NotInterpolable("`${` without a name")
        self._at = match.end()
        name = match[0]
        for operator in _OPERATORS:
            if self._text.startswith(operator, self._at):
                self._at += len(operator)
                return self._chosen(name, operator, self._word())
        if not self._text.startswith("}", self._at):
            raise NotInterpolable(f"`${{{name}` is not closed")
        self._at += 1
        return self._known(name)

    def _word(self) -> str:
        """What stands up to the brace that closes this one."""
        begun, depth = self._at, 1
        while self._at < len(self._text):
            if self._text.startswith("$$", self._at):
                self._at += 2
                continue
            if self._text.startswith("${", self._at):
                depth, self._at = depth + 1, self._at + 2
                continue
            if self._text[self._at] == "}":
                depth -= 1
                if not depth:
                    self._at += 1
                    return self._text[begun : self._at - 1]
            self._at += 1
        raise NotInterpolable("a `${` that is not closed")

    def _chosen(self, name: str, operator: str, word: str) -> str:
        value = self._variables.get(name)
        there = bool(value) if operator.startswith(":") else value is not None
        match operator[-1]:
            case "-":
                return value or "" if there else self._nested(word)
            case "+":
                return self._nested(word) if there else ""
            case _:
                return value or "" if there else self._hole(name)

    def _nested(self, word: str) -> str:
        inner = _Expansion(word, self._variables, self._depth + 1)
        text = inner.until_end()
        self.unknown += inner.unknown
        return text

    def _known(self, name: str) -> str:
        return self._variables[name] if name in self._variables else self._hole(name)

    def _hole(self, name: str) -> str:
        self.unknown.append(name)
        return f"${{{name}}}"


def interpolated(node: Node, variables: Mapping[str, str], mistakes: list[str]) -> Node:
    """*node* with every text below it expanded; what cannot be is added to *mistakes*."""
    match node.value:
        case str(text):
            if "$" not in text:
                return node
            try:
                done = expand(text, variables)
            except NotInterpolable as error:
                mistakes.append(f"{node.place.file}:{node.place.line}: {error}")
                return node
            return replace(node, value=done.text, unknown=done.unknown)
        case list(items):
            return replace(node, value=[interpolated(one, variables, mistakes) for one in items])
        case dict(entries):
            return replace(
                node,
                value={k: interpolated(one, variables, mistakes) for k, one in entries.items()},
            )
        case _:
            return node
