"""YAML that people can read."""

from typing import Any


HEADER = "# Written by TAME from the stack's topology; changes here are lost.\n"


def yaml_text(value: Any) -> str:  # noqa: ANN401 - whatever YAML may hold
    """*value* in the order it has, under a line that says where it comes from."""
    import yaml  # noqa: PLC0415 - only stacks that watch need it

    return HEADER + yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
