"""Durations and sizes as Compose writes them."""

import re


_PART = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d|w)?")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_MIB = {"": 1 / 1_048_576, "k": 1 / 1024, "m": 1, "g": 1024, "t": 1_048_576}


def seconds(text: str) -> float | None:
    """`1m30s`, `90s`, `90`; None for what is no duration."""
    at, total = 0, 0.0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return None
        total += float(match[1]) * _SECONDS[match[2] or "s"]
        at = match.end()
    return total if text else None


def mebibytes(text: str) -> int | None:
    """`512m`, `1.5g`, `1073741824`; None for what is no size."""
    match = _SIZE.fullmatch(text.strip())
    return round(float(match[1]) * _MIB[match[2].lower()]) if match else None
