"""`Diff`: what a change of the inputs would do, in the official plugin's words.

The rules were derived from tests/toolchain/recordings, which hold them. What exists is the state,
not the inputs of last time: an input that equals what the engine reported is no change.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from testbed.toolchain.docker_provider.schema import (
    Property,
    Table,
    bare,
    normal,
    normal_item,
)
from testbed.toolchain.protocol import is_unknown, path_key


Changes = Iterator[tuple[str, str]]


def diff(table: Table, state: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, str]:
    """`add`, `delete` or `update`, perhaps with `-replace`, per property path."""
    kinds: dict[str, str] = {}
    for name, prop in table.items():
        suffix = "-replace" if prop.force_new else ""
        for path, kind in _property(prop, name, state.get(name), bare(inputs.get(name))):
            kinds[path] = kind + suffix
    return kinds


def _property(prop: Property, path: str, old: Any, new: Any) -> Changes:  # noqa: ANN401 - JSON
    if new is None:
        if prop.computed:
            # A half-made container has no such lists yet: they will be known after a change.
            if prop.read_as_empty and old is None:
                yield path, "add"
            return
        if prop.keeps_when_empty:
            return
        new = prop.default
    if prop.keeps_when_empty and new == "":
        return
    if prop.kind == "list" and prop.fields and _same_ports(old or [], new or []):
        return
    yield from _value(prop, path, old, new)


def _value(prop: Property, path: str, old: Any, new: Any) -> Changes:  # noqa: ANN401 - JSON
    if is_unknown(new):
        yield path, "add" if _absent(old) else "update"
    elif normal(prop, old) == normal(prop, new):
        return
    elif _absent(old) or _absent(new):
        yield path, "add" if _absent(old) else "delete"
    elif prop.kind == "object" and prop.fields:
        yield from _fields(prop.fields, path, old, new)
    elif prop.kind == "map":
        yield from _entries(path, old, new)
    elif prop.kind == "list":
        yield from _items(prop, path, old, new)
    elif prop.kind == "set":
        yield from _members(prop, path, old, new)
    else:
        yield path, "update"


def _absent(value: object) -> bool:
    return value is None or value == []


def _fields(fields: Table, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    for name, prop in fields.items():
        given = new.get(name)
        if given is None:
            if prop.computed:
                continue
            given = prop.default
        yield from _value(prop, f"{path}.{name}", old.get(name), given)


def _entries(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    for key in sorted({*old, *new}):
        if key not in old:
            yield path_key(path, key), "add"
        elif key not in new:
            yield path_key(path, key), "delete"
        elif old[key] != new[key]:
            yield path_key(path, key), "update"


def _items(prop: Property, path: str, old: list[Any], new: list[Any]) -> Changes:
    for index in range(max(len(old), len(new))):
        yield from _item(prop, f"{path}[{index}]", old[index : index + 1], new[index : index + 1])


def _members(prop: Property, path: str, old: list[Any], new: list[Any]) -> Changes:
    if prop.fields and not all(_says_all(prop.fields, item) for item in new):
        # Recorded: an element with fields left open cannot be told from its neighbours.
        yield path, "update"
        return
    before = [normal_item(prop, item) for item in old]
    after = [normal_item(prop, item) for item in new]
    for index in range(max(len(old), len(new))):
        gone = [old[index]] if index < len(old) and before[index] not in after else []
        come = [new[index]] if index < len(new) and after[index] not in before else []
        yield from _item(prop, f"{path}[{index}]", gone, come)


def _item(prop: Property, path: str, old: list[Any], new: list[Any]) -> Changes:
    """The change of one element; each list holds it, or nothing."""
    if not old or not new:
        if old or new:
            yield path, "delete" if old else "add"
    elif prop.fields:
        yield from _fields(prop.fields, path, old[0], new[0])
    elif old != new:
        yield path, "update"


def _says_all(fields: Table, item: Mapping[str, Any]) -> bool:
    return all(item.get(name) is not None for name in fields)


def _same_ports(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> bool:
    """Whether the same ports are published; their order, and an open host port, say nothing."""
    if not old or len(old) != len(new) or is_unknown(new):
        return False
    return all(any(_same_port(before, after) for after in new) for before in old)


def _same_port(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    wanted = {name: value for name, value in new.items() if value is not None}
    return all(old.get(name) == value for name, value in wanted.items())
