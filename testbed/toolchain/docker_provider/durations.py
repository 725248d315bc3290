"""Durations as Go writes them, for the engine counts nanoseconds and the plugin shows text."""

import re
from typing import Final


_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def nanoseconds(text: str) -> int:
    """*text* in nanoseconds.

    >>> nanoseconds("1m30s")
    90000000000

    Raises:
        ValueError: *text* is not a duration.
    """
    if text == "0":
        return 0
    parts = list(_PART.finditer(text))
    if not parts or "".join(part.group() for part in parts) != text:
        raise ValueError(text)
    return sum(round(float(part[1]) * _UNITS[part[2]]) for part in parts)


def go_text(count: int) -> str:
    """*count* nanoseconds as Go's `Duration.String` writes them.

    >>> go_text(90_000_000_000), go_text(1_500_000), go_text(0)
    ('1m30s', '1.5ms', '0s')
    """
    if count == 0:
        return "0s"
    if count < _UNITS["s"]:
        unit = next(name for name in ("ms", "µs", "ns") if count >= _UNITS[name])
        return _number(count, _UNITS[unit]) + unit
    hours, rest = divmod(count, _UNITS["h"])
    minutes, rest = divmod(rest, _UNITS["m"])
    seconds = _number(rest, _UNITS["s"]) + "s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _number(count: int, unit: int) -> str:
    whole, part = divmod(count, unit)
    if not part:
        return str(whole)
    digits = len(str(unit)) - 1
    return f"{whole}.{part:0{digits}d}".rstrip("0")
