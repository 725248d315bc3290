"""Command lines as Go's `flag` package reads them: `-name=value`, `--name value`, `-switch`."""

from collections.abc import Collection, Sequence


def parse(
    arguments: Sequence[str], values: Collection[str], switches: Collection[str]
) -> dict[str, list[str]]:
    """Name -> every value given for it; a switch's value is `true` unless it says otherwise.

    Raises:
        ValueError: an unknown flag, or a flag without its value.
    """
    found: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).lstrip("-").partition("=")
        if name in switches:
            found.setdefault(name, []).append(value if equals else "true")
        elif name not in values:
            raise ValueError(f"flag provided but not defined: -{name}")
        elif equals:
            found.setdefault(name, []).append(value)
        elif rest:
            found.setdefault(name, []).append(rest.pop(0))
        else:
            raise ValueError(f"flag needs an argument: -{name}")
    return found
