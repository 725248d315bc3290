"""What the official plugin accepts as a value."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final

from testbed.toolchain.docker_provider.durations import nanoseconds


_CPU_SET: Final = r"\d+([,-]\d+)*"


def matches(pattern: str, allowed: str) -> Callable[[str], str | None]:
    """A check that the whole value matches *pattern*."""
    compiled = re.compile(pattern)

    def check(value: str) -> str | None:
        return None if compiled.fullmatch(value) else f"allowed: {allowed}"

    return check


def one_of(*allowed: str) -> Callable[[str], str | None]:
    """A check that the value is one of *allowed*."""

    def check(value: str) -> str | None:
        return None if value in allowed else "allowed: " + ", ".join(f"`{one}`" for one in allowed)

    return check


def at_least(lowest: int) -> Callable[[float], str | None]:
    """A check that the value is a whole number, *lowest* or more."""

    def check(value: float) -> str | None:
        whole = isinstance(value, int)
        return None if whole and value >= lowest else f"allowed: a whole number from {lowest}"

    return check


def duration(value: str) -> str | None:
    """A check that the value is a duration as Go writes them."""
    try:
        nanoseconds(value)
    except ValueError:
        return "allowed: a duration such as `30s` or `1m30s`"
    return None


def base64_text(value: str) -> str | None:
    """A check that the value is base64; it is never repeated, for it may be a secret."""
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        return "allowed: base64"
    return None


cpu_set = matches(_CPU_SET, "a list such as `0-1` or `0,2`")
permissions = matches("0[0-7]{3}", "four octal digits such as `0644`")
