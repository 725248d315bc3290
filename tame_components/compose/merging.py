"""Two layers of one Compose model become one, as `docker compose -f a -f b` does it.

Source: docs.docker.com/reference/compose-file/merge, and compose-spec/compose-go, override/.
"""

from collections.abc import Callable
from dataclasses import replace

from tame_components.compose.nodes import Node


_PAIRS = frozenset(
    {"environment", "labels", "args", "sysctls", "annotations", "driver_opts", "extra_hosts"}
)
"""`KEY=VALUE` lists or mappings."""

_NAMED = frozenset({"depends_on", "networks"})
"""Lists of names, or mappings from names to more."""

_REPLACED = frozenset({"command", "entrypoint", "test", "ulimits"})
_LISTS = frozenset({"env_file", "tmpfs", "dns", "dns_search", "dns_opt", "label_file"})
"""A single text stands for a list of one."""


def merged(base: Node, over: Node, path: tuple[str, ...] = ()) -> Node:
    """*base* with *over* on top; `!reset` takes away, `!override` replaces."""
    key = path[-1] if path else ""
    if over.value is None and not over.tag:
        return base
    if over.tag == "!override" or key in _REPLACED:
        return replace(over, tag="")
    if special := _special(key, path):
        return special(base, over, path)
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        return _mappings(base, over, path)
    if isinstance(base.value, list) and isinstance(over.value, list):
        return _unique(base, over, path)
    return over


def _mappings(base: Node, over: Node, path: tuple[str, ...]) -> Node:
    result = dict(base.keys)
    for key, value in over.keys.items():
        if value.tag == "!reset":
            result.pop(key, None)
        elif key in result:
            result[key] = merged(result[key], value, (*path, key))
        else:
            result[key] = replace(value, tag="") if value.tag else value
    return replace(base, value=result)


Merger = Callable[[Node, Node, tuple[str, ...]], Node]


def _special(key: str, path: tuple[str, ...]) -> Merger | None:
    if key in _PAIRS:
        return lambda base, over, at: _mappings(as_pairs(base), as_pairs(over), at)
    if key in _NAMED and path[:1] == ("services",):
        return lambda base, over, at: _mappings(as_named(base), as_named(over), at)
    if key in _LISTS:
        return lambda base, over, at: _unique(_as_list(base), _as_list(over), at)
    if key == "build":
        return lambda base, over, at: _mappings(_as_build(base), _as_build(over), at)
    return _logging if key == "logging" else None


def _logging(base: Node, over: Node, path: tuple[str, ...]) -> Node:
    """Options of one driver mean nothing to another."""
    before, after = base.get("driver"), over.get("driver")
    if before and after and before.text != after.text:
        return over
    return _mappings(base, over, path)


def as_pairs(node: Node) -> Node:
    """`[KEY=VALUE, ...]` as a mapping; `KEY` alone has no value."""
    if not isinstance(node.value, list):
        return node
    result = {}
    for one in node.items:
        name, equals, value = one.text.partition("=")
        if not equals and ":" in name:  # extra_hosts, the older way
            name, equals, value = name.partition(":")
        result[name.strip()] = replace(one, value=value if equals else None)
    return replace(node, value=result)


def as_named(node: Node) -> Node:
    """`[name, ...]` as a mapping."""
    if not isinstance(node.value, list):
        return node
    return replace(node, value={one.text: replace(one, value=None) for one in node.items})


def _as_list(node: Node) -> Node:
    return node if isinstance(node.value, list) else replace(node, value=node.items)


def _as_build(node: Node) -> Node:
    return node if node.keys else replace(node, value={"context": node})


def _unique(base: Node, over: Node, path: tuple[str, ...]) -> Node:
    """Both lists; a later element takes the place of an earlier one that is about the same."""
    found: dict[object, Node] = {}
    for one in (*base.items, *over.items):
        found[_identity(one, path[-1] if path else "")] = one
    return replace(base, value=list(found.values()))


def _identity(one: Node, key: str) -> object:
    if key in {"volumes", "devices", "secrets", "configs"}:
        target = one.get("target") or one.get("source")
        return target.text if target else _short_target(one.text, key)
    if one.keys:
        return tuple(sorted((name, value.text) for name, value in one.keys.items()))
    return one.text


def _short_target(text: str, key: str) -> str:
    parts = text.split(":")
    return parts[1] if len(parts) > 1 and key in {"volumes", "devices"} else parts[0]
