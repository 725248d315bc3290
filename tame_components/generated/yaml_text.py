"""YAML that people can read."""

from dataclasses import dataclass
from typing import Any


HEADER = "# Written by TAME from the stack's topology; changes here are lost.\n"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A scalar with a tag of the reader's own, e.g. `!env_var NAME`."""

    tag: str
    text: str


def yaml_text(value: Any) -> str:  # noqa: ANN401 - whatever YAML may hold
    """*value* in the order it has, under a line that says where it comes from."""
    import yaml  # noqa: PLC0415 - only stacks that watch need it

    class Dumper(yaml.SafeDumper):
        """Knows tagged scalars, too."""

    Dumper.add_representer(
        Tagged, lambda dumper, one: dumper.represent_scalar(one.tag, one.text, style="")
    )
    dumped = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)
    return HEADER + str(dumped)
