"""The properties of `local.Command` and `remote.Command`: what is allowed, what a change does.

Local ones were recorded. Remote ones are the schema's of plugin 1.2.1 (`triggers` alone replaces,
as its SDK says too), without what TAME has no use for.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from testbed.toolchain.command_provider.errors import CommandPropertyRefused
from testbed.toolchain.command_provider.values import opened
from testbed.toolchain.protocol import UNKNOWN, is_unknown, path_key


TOKEN: Final = "command:local:Command"  # noqa: S105 - a type token, no password
REMOTE: Final = "command:remote:Command"
TOKENS: Final = (TOKEN, REMOTE)

_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "create": (str, "a text"),
    "update": (str, "a text"),
    "delete": (str, "a text"),
    "stdin": (str, "a text"),
    "dir": (str, "a text"),
    "environment": (dict, "a map of texts"),
    "interpreter": (list, "a list of texts"),
    "triggers": (list, "a list"),
    "logging": (str, "a text"),
    "addPreviousOutputInEnv": (bool, "true or false"),
}
_REMOTE_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "connection": (dict, "a map"),
    **{
        name: _TYPES[name]
        for name in ("create", "update", "delete", "stdin", "triggers", "logging")
    },
}
_CONNECTION: Final[Mapping[str, tuple[type, str]]] = {
    "host": (str, "a text"),
    "port": (int, "a number"),
    "user": (str, "a text"),
    "privateKey": (str, "a text"),
    "hostKey": (str, "a text"),
    "dialErrorLimit": (int, "a number"),
    "perDialTimeout": (int, "a number"),
}
LOGGED: Final[Mapping[str, frozenset[str]]] = {
    "none": frozenset(),
    "stdout": frozenset({"stdout"}),
    "stderr": frozenset({"stderr"}),
    "stdoutAndStderr": frozenset({"stdout", "stderr"}),
}
"""Which streams each value of `logging` shows while the command runs; without it, both."""
_REPLACES: Final = "triggers"


def check(news: Mapping[str, Any], token: str = TOKEN) -> list[tuple[str, CommandPropertyRefused]]:
    """What is wrong with the inputs *news* of a *token*, per property; no value is repeated."""
    inputs = opened(news)
    mistakes = list(_mistakes(inputs, _REMOTE_TYPES if token == REMOTE else _TYPES))
    if token == REMOTE:
        mistakes += _connection_mistakes(inputs.get("connection"))
    return mistakes


def _connection_mistakes(connection: object) -> Iterator[tuple[str, CommandPropertyRefused]]:
    if connection == UNKNOWN:
        return
    if not isinstance(connection, Mapping) or not connection.get("host"):
        yield "connection", CommandPropertyRefused("connection", "must name a host")
        return
    for name, mistake in _mistakes(connection, _CONNECTION, "connection."):
        yield f"connection.{name}", mistake


def _mistakes(
    news: Mapping[str, Any], types: Mapping[str, tuple[type, str]], inside: str = ""
) -> Iterator[tuple[str, CommandPropertyRefused]]:
    for name, value in news.items():
        if value is None or value == UNKNOWN:
            continue
        path = inside + name
        if name not in types:
            why = "is not implemented by the stand-in command plugin"
            yield name, CommandPropertyRefused(path, why)
            continue
        kind, said = types[name]
        if not isinstance(value, kind):
            yield name, CommandPropertyRefused(path, f"must be {said}")
        elif name == "logging" and value not in LOGGED:
            allowed = ", ".join(f"`{one}`" for one in LOGGED)
            yield name, CommandPropertyRefused(path, f"has a wrong value; allowed: {allowed}")
        elif name in ("environment", "interpreter") and not _texts(value):
            yield name, CommandPropertyRefused(path, f"must be {said}")


def _texts(value: Any) -> bool:  # noqa: ANN401 - whatever JSON can hold
    items = value.values() if isinstance(value, Mapping) else value
    return all(isinstance(item, str) for item in items)


def diff(state: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """`add`, `delete` or `update`, with `-replace` for triggers, per property path.

    Secret or not makes no difference: the values are compared.
    """
    old = {name: value for name, value in opened(state).items() if name not in _OUTPUTS}
    new = {name: value for name, value in opened(news).items() if not name.startswith("__")}
    kinds: dict[str, str] = {}
    for name in sorted({*old, *new}):
        suffix = "-replace" if name == _REPLACES else ""
        for path, kind in _changes(name, old.get(name), new.get(name)):
            kinds[path] = kind + suffix
    return kinds


_OUTPUTS: Final = frozenset({"stdout", "stderr", "assets", "archive", "__defaults", "id"})


def _changes(path: str, old: object, new: object) -> Iterator[tuple[str, str]]:
    if old == new:
        return
    if old is None or new is None:
        yield path, "add" if old is None else "delete"
    elif new == UNKNOWN or (isinstance(new, list) and is_unknown(new)):
        yield path, "update"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _changes(path_key(path, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _changes(f"{path}[{index}]", before, after)
    else:
        yield path, "update"
