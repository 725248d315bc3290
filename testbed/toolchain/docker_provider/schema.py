"""How a resource's properties behave: the vocabulary of the tables in this package.

The official plugin is a Terraform provider behind a bridge; four of its notions decide every
recorded answer. `force_new`: a change replaces. `computed`: absent from the program means "as it
is", so nothing differs. `default`: stands in for an absent value. A set ignores order; a list does
not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal


Kind = Literal["string", "number", "flag", "list", "set", "map", "object"]
Check = Callable[[Any], str | None]
"""Says what is wrong with a value (`allowed: ...`), or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a resource, or of an object in one."""

    kind: Kind
    fields: Mapping[str, "Property"] | None = None
    """Of an object, or of the objects in a list or set."""
    force_new: bool = False
    computed: bool = False
    output: bool = False
    """Whether only the engine sets it."""
    required: bool = False
    default: str | int | bool | None = None
    keeps_when_empty: bool = False
    """Whether a program that stops naming it leaves it as it is, although it is not computed."""
    read_as_empty: bool = False
    """Whether an unset value reads `[]`, not null, in the state of a resource that is up."""
    check: Check | None = None

    @property
    def block(self) -> bool:
        """Whether it is a list or set of objects: such a thing is empty, never null."""
        return self.fields is not None and self.kind in ("list", "set")


Table = Mapping[str, Property]
Values = dict[str, Any]

ZERO: Final[Mapping[Kind, Any]] = {
    "string": "",
    "number": 0,
    "flag": False,
    "list": [],
    "set": [],
    "map": {},
    "object": None,
}
"""What absence means to the official plugin when it compares."""


def bare(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """*value* without the `__defaults` and other marks of the bridge."""
    if isinstance(value, dict):
        return {name: bare(item) for name, item in value.items() if not name.startswith("__")}
    if isinstance(value, list):
        return [bare(item) for item in value]
    return value


def normal(prop: Property, value: Any) -> Any:  # noqa: ANN401 - same
    """*value* in the one form that equal values share."""
    if value is None:
        value = prop.default if prop.default is not None else ZERO[prop.kind]
    if prop.kind == "object" and prop.fields and isinstance(value, dict):
        return _normal_fields(prop.fields, value)
    if prop.kind in ("list", "set") and isinstance(value, list):
        items = [normal_item(prop, item) for item in value]
        return sorted(items, key=repr) if prop.kind == "set" else items
    return value


def normal_item(prop: Property, item: Any) -> Any:  # noqa: ANN401 - same
    """One element of the list or set *prop*, in the form that equal elements share."""
    if prop.fields and isinstance(item, dict):
        return _normal_fields(prop.fields, item)
    return item


def _normal_fields(fields: Table, value: Mapping[str, Any]) -> Values:
    return {name: normal(prop, value.get(name)) for name, prop in sorted(fields.items())}


def planned(table: Table, inputs: Mapping[str, Any]) -> Values:
    """The state that *inputs* ask for, before the engine has said anything."""
    return {name: _planned(prop, inputs.get(name)) for name, prop in table.items()}


def _planned(prop: Property, value: Any) -> Any:  # noqa: ANN401 - same
    if value is None:
        if prop.default is not None:
            return prop.default
        empty = prop.block or (prop.kind == "set" and prop.computed)
        return [] if empty else None
    if prop.fields is None:
        return bare(value)
    if prop.kind == "object":
        return _planned_fields(prop.fields, value)
    return [_planned_fields(prop.fields, item) for item in value]


def _planned_fields(fields: Table, value: Mapping[str, Any]) -> Values:
    made: Values = {}
    for name, prop in fields.items():
        given = _planned(prop, value.get(name))
        if given is None and prop.kind == "string":
            given = ""  # recorded: unset texts of nested objects are empty, numbers and flags null
        if given is None and prop.kind in ("list", "set"):
            given = []
        made[name] = given
    return made
