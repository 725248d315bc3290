"""`Pulumi.<stack>.yaml` as Pulumi reads it, so that `tame` and the program see the same settings.

Pulumi's YAML is 1.2 with the numbers of 1.1 (it reads with gopkg.in/yaml.v3, whose resolve.go has
the rules); PyYAML's is 1.1, where `yes` is true, `1:30` is ninety and a day is an object.
"""

import re
from typing import Any, Final

import yaml


_FAST: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is
_PLAIN: Final = (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)", [*"-+0123456789"]),
    ("float", r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", [*"-+.0123456789"]),
    ("merge", r"<<", ["<"]),
)
"""What a word without quotes can be but a text, the first that fits; and how it may begin."""


class _Loader(_FAST):  # type: ignore[misc,valid-type] # one of two classes
    """Safe, with Pulumi's idea of a plain word."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's, filled below


class _Dumper(yaml.SafeDumper):
    """Quotes what either reader could take for something else than a text."""


for _kind, _pattern, _first in _PLAIN:
    for _side in (_Loader, _Dumper):
        _side.add_implicit_resolver(
            f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), _first
        )


def read(content: str) -> Any:  # noqa: ANN401 - YAML
    """What *content* says.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(content, Loader=_Loader)  # noqa: S506 - a safe one


def text(content: object) -> str:
    """*content* as YAML, in its order; what could be taken for something else is quoted."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False)
