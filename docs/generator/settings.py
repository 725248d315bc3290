"""docs/reference/settings.md, from the models of domain/settings.py."""

import inspect
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs.generator import markdown as md
from docs.generator.described import described_schema, descriptions
from tame_components.domain.settings import StackSettings


_INTRODUCTION = """\
# Settings

`Pulumi.<stack>.yaml` says what a stack is: the same keys in each environment, other values. Every
key below stands under `config` with the prefix `tame:`, for example `tame:timezone`. All mistakes
are reported at once, before anything changes.

An editor that knows JSON Schema completes and checks the file with
[settings.schema.json](settings.schema.json); for the YAML language server, write this on top:

```yaml
# yaml-language-server: $schema=docs/reference/settings.schema.json
config:
  tame:timezone: Europe/Berlin
```

Two keys hold secrets and are written by `tame config`, or by `pulumi config set --secret`, never
by hand: `tame:root_secret`, from which every key and password of the stack is derived, and
`tame:secrets`, by service and name, for what only you can supply.
"""

_SHAPES = {
    "engine": "`unix:///...`, `tcp://...` or `ssh://...`",
    "timezone": "a name of the tz database, e.g. `Europe/Berlin`",
    "root": "an absolute path of the host",
    "config_root": "an absolute path of the host",
    "network_mounts": "a list of absolute paths of the host",
    "schedule": "five fields of cron, e.g. `30 3 * * *`",
    "remote_schedule": "five fields of cron, e.g. `10 4 * * *`",
    "prune_images": "five fields of cron, e.g. `0 5 * * 0`",
    "maintenance": "a list of times, e.g. `sun 04:00 2h`",
    "domain": "a DNS name, e.g. `example.org`",
    "device": "an absolute path of the host",
    "repository": "an absolute path of the host",
    "data_root": "an absolute path of the host",
    "file_systems": "a list of absolute paths of the host",
    "address": "an address, or what the receiver's kind takes",
    "subnet": "a private subnet, e.g. `10.89.0.0/24`",
    "outbound_subnets": "a list of private subnets",
    "user_address": "an address of the host",
    "endpoint_ip": "an address",
    "addresses": "a list, e.g. `[10.2.0.2/32]`",
    "countries": "a list of names, as gluetun writes them",
    "image": "`repository:version`, e.g. `lscr.io/linuxserver/radarr:6.2.1.10461-ls308`",
    "app": "a name of [the catalog](catalog.md)",
    "uses": "a list of services",
    "rule": "a name of [the doctrine](rules.md)",
    "service": "a name below `tame:services`",
    "expires": "a day, e.g. `2027-01-31`",
}
"""What a text must look like, where the type says less than its check."""

_UNSAID = {
    "StackSettings.timezone": "The time zone of every service.",
    "StackSettings.services": "What the stack is made of.",
    "StackSettings.exemptions": "Rules that services may break, each for a while.",
    "IdentitySettings.umask": "What services take away from the mode of new files.",
    "DataTree.layout": "The names of the folders below the root.",
    "VpnSettings.provider": "In gluetun's spelling; `custom` is a server of your own.",
    "VpnSettings.type": "The kind of tunnel.",
    "VpnSettings.countries": "Where the tunnel may end. Default: anywhere.",
    "VpnSettings.endpoint_port": "Custom provider only.",
    "VpnSettings.port_forwarding": "Whether the provider forwards a port to the torrent client.",
    "ServiceSettings.plane": "Who may reach it. Default: the catalog's.",
    "ServiceSettings.memory_mb": "The most memory it may take, in MB. Default: the catalog's.",
    "ServiceSettings.uid": "The user it runs as. Default: `tame:identity` decides.",
    "Exemption.rule": "Which rule.",
    "Exemption.service": "Which service may break it.",
    "Exemption.owner": "Who answers for it.",
    "Exemption.reason": "Why, in ten characters or more.",
    "Exemption.expires": "The last day on which it holds.",
}
"""Meanings of keys whose name says it in the code, for people who do not read code."""

HIDDEN = frozenset({"stack"})
"""Set by Pulumi, not by a person."""


def page() -> str:
    """The whole page."""
    parts = [md.notice("tame_components/domain/settings.py"), *_INTRODUCTION.split("\n")]
    schema = described_schema()
    for model in models(StackSettings):
        parts += _section(model, schema.get("$defs", {}).get(model.__name__, schema))
    return md.document(parts)


def titles() -> dict[str, str]:
    """The heading of each model: where in the file its keys stand."""
    found = {StackSettings.__name__: "The stack"}
    _name_inner(StackSettings, "tame:", found)
    return found


def _name_inner(model: type[BaseModel], prefix: str, found: dict[str, str]) -> None:
    for key, field in model.model_fields.items():
        for inner in _classes_in(field.annotation):
            if issubclass(inner, BaseModel) and inner.__name__ not in found:
                many = _origin(field.annotation) in {dict, tuple}
                where = md.code(f"{prefix}{key}")
                found[inner.__name__] = f"One entry of {where}" if many else where
                entry = ".NAME." if many else "."
                _name_inner(inner, f"{prefix}{key}{entry}", found)


def _origin(annotation: Any) -> Any:  # noqa: ANN401 - any annotation
    """`dict` or `tuple` where the annotation is one, maybe beside None."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return next((o for one in get_args(annotation) if (o := get_origin(one))), None)
    return get_origin(annotation)


def anchor(title: str) -> str:
    """What a link to the heading *title* ends with, as GitHub and most readers make it."""
    kept = (char for char in title.lower() if char.isalnum() or char in " -_")
    return "".join(kept).replace(" ", "-")


def models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """*model* and every model that its fields hold, in the order of the fields."""
    found = [model]
    for one in found:  # grows while it is read
        for field in one.model_fields.values():
            for inner in _classes_in(field.annotation):
                if issubclass(inner, BaseModel) and inner not in found:
                    found.append(inner)
    return found


def _classes_in(annotation: Any) -> Iterator[type]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and get_origin(annotation) is None:
        yield annotation
    for argument in get_args(annotation):
        yield from _classes_in(argument)


def _section(model: type[BaseModel], schema: Mapping[str, Any]) -> Iterator[str]:
    summary = (inspect.getdoc(model) or "").split("\n\n")[0].replace("\n", " ")
    yield from (f"## {titles()[model.__name__]}", "", summary, "")
    fields = {key: one for key, one in model.model_fields.items() if key not in HIDDEN}
    head = ("key", "what may stand there", "default", "what it means")
    yield from md.table(head, [_row(model, key, schema) for key in fields])
    for field in fields.values():
        for enum in _classes_in(field.annotation):
            if issubclass(enum, Enum):
                yield from _choices(enum)


def _row(model: type[BaseModel], key: str, schema: Mapping[str, Any]) -> tuple[str, ...]:
    field = model.model_fields[key]
    allowed = _SHAPES.get(key) or _allowed(field.annotation, schema["properties"][key])
    return md.code(key), allowed, _default(field), meaning(model, key)


def meaning(model: type[BaseModel], key: str) -> str:
    """What *key* of *model* means; empty where nobody has said it."""
    field = model.model_fields[key]
    unsaid = _UNSAID.get(f"{model.__name__}.{key}")
    inner = [one for one in _classes_in(field.annotation) if issubclass(one, BaseModel | Enum)]
    told = (inspect.getdoc(inner[0]) or "").split("\n\n")[0] if inner else ""
    return descriptions(model).get(key) or unsaid or told.replace("\n", " ")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), {}):
        return "-"
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, bool):
        return md.code(str(value).lower())
    return md.code(value.value if isinstance(value, Enum) else value)


def _allowed(annotation: Any, schema: Mapping[str, Any]) -> str:  # noqa: ANN401 - any annotation
    if get_origin(annotation) in {Union, types.UnionType}:
        first = next(one for one in get_args(annotation) if one is not type(None))
        return _allowed(first, next(s for s in schema["anyOf"] if s.get("type") != "null"))
    for inner in _classes_in(annotation):
        if issubclass(inner, BaseModel):
            many = {tuple: "a list: ", dict: "by name: "}.get(get_origin(annotation) or inner, "")
            title = titles()[inner.__name__]
            return f"{many}[{title}](#{anchor(title)})"
        if issubclass(inner, Enum):
            return md.codes(one.value for one in inner)
    return _plain(schema)


def _plain(schema: Mapping[str, Any]) -> str:
    if "enum" in schema or "const" in schema:
        return md.codes(schema.get("enum") or [schema["const"]])
    match schema.get("type"):
        case "integer":
            return _range(schema)
        case "boolean":
            return "`true`, `false`"
        case "array":
            return f"a list: each {_plain(schema['items'])}"
        case "object":
            return f"names with {_plain(schema.get('additionalProperties') or {})}"
        case _:
            pattern = schema.get("pattern")
            return f"a text that matches {md.code(pattern)}" if pattern else "a text"


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"a number from {low}" if low is not None else "a number"


def _choices(enum: type[Enum]) -> list[str]:
    told = md.member_docs(enum)
    if not told:
        return []
    rows = [(md.code(value), text) for value, text in told.items()]
    return md.table((enum.__name__.lower(), "means"), rows)
