"""`Check`: the program's inputs with the defaults filled in, or everything that is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from testbed.toolchain.docker_provider.errors import PropertyRefused
from testbed.toolchain.docker_provider.schema import Kind, Property, Table, Values
from testbed.toolchain.protocol import UNKNOWN, is_unknown, path_key


_TYPES: Final[Mapping[Kind, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "flag": (bool,),
    "list": (list,),
    "set": (list,),
    "map": (dict,),
    "object": (dict,),
}
_SAID: Final[Mapping[Kind, str]] = {
    "string": "a text",
    "number": "a number",
    "flag": "true or false",
    "list": "a list",
    "set": "a list",
    "map": "a map",
    "object": "an object",
}


def check(
    table: Table, news: Mapping[str, Any], name: str | None = None
) -> tuple[Values, list[tuple[str, PropertyRefused]]]:
    """What the program asks for, and what is wrong with it.

    Args:
        table: The properties that the resource has.
        news: What the program says; a preview's unknown values pass.
        name: The `name` that the resource gets if the program gives it none.

    Returns:
        The inputs with defaults, which ones are defaults under `__defaults`, as the official
        plugin marks them; and a refusal per wrong top-level property.
    """
    mistakes = list(_mistakes(table, news, ""))
    if name is not None and news.get("name") is None:
        news = {**news, "name": name}
        inputs = _with_defaults(table, news)
        inputs["__defaults"] = sorted([*inputs["__defaults"], "name"])
        mistakes = [mistake for mistake in mistakes if mistake[0] != "name"]
        return inputs, mistakes
    return _with_defaults(table, news), mistakes


def _with_defaults(table: Table, given: Mapping[str, Any]) -> Values:
    inputs = {name: value for name, value in given.items() if value is not None}
    inputs.pop("__defaults", None)
    defaults = []
    for name, prop in table.items():
        if name in inputs:
            inputs[name] = _filled(prop, inputs[name])
        elif prop.default:  # recorded: a default that equals absence is not filled in
            inputs[name] = prop.default
            defaults.append(name)
    inputs["__defaults"] = sorted(defaults)
    return inputs


def _filled(prop: Property, value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if prop.fields is None:
        return value
    if isinstance(value, dict):
        return _with_defaults(prop.fields, value)
    if isinstance(value, list):
        return [_filled(prop, item) for item in value]
    return value


def _mistakes(
    table: Table, given: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, PropertyRefused]]:
    for name, value in given.items():
        path = prefix + name
        if name.startswith("__") or value is None:
            continue
        prop = table.get(name)
        if prop is None:
            yield path, PropertyRefused(path, "is not implemented by the stand-in docker plugin")
        elif prop.output:
            yield path, PropertyRefused(path, "is an output and cannot be set")
        elif value != UNKNOWN:
            yield from _value_mistakes(prop, path, value)
    for name, prop in table.items():
        if prop.required and given.get(name) is None:
            yield prefix + name, PropertyRefused(prefix + name, "is required")


def _value_mistakes(
    prop: Property,
    path: str,
    value: Any,  # noqa: ANN401 - whatever JSON can hold
) -> Iterator[tuple[str, PropertyRefused]]:
    right = isinstance(value, _TYPES[prop.kind])
    if not right or (prop.kind == "number" and isinstance(value, bool)):
        # The value itself is not repeated: it may be a secret.
        yield path, PropertyRefused(path, f"must be {_SAID[prop.kind]}")
        return
    if prop.fields is not None:
        yield from _nested_mistakes(prop.fields, path, value)
    else:
        yield from _text_mistakes(path, value)
    if prop.check is not None and not is_unknown(value):
        wrong = prop.check(value)
        if wrong is not None:
            yield path, PropertyRefused(path, f"has a wrong value; {wrong}")


def _text_mistakes(path: str, value: object) -> Iterator[tuple[str, PropertyRefused]]:
    """Lists and maps without fields hold texts."""
    parts: Iterable[tuple[str, object]] = ()
    if isinstance(value, list):
        parts = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, dict):
        parts = ((path_key(path, key), item) for key, item in value.items())
    for part, item in parts:
        if not isinstance(item, str):
            yield path, PropertyRefused(part, "must be a text")


def _nested_mistakes(
    fields: Table, path: str, value: dict[str, Any] | Sequence[Any]
) -> Iterator[tuple[str, PropertyRefused]]:
    if isinstance(value, dict):
        yield from _mistakes(fields, value, f"{path}.")
        return
    for index, item in enumerate(value):
        if isinstance(item, dict):
            yield from _mistakes(fields, item, f"{path}[{index}].")
        elif item != UNKNOWN:
            yield path, PropertyRefused(f"{path}[{index}]", "must be an object")
