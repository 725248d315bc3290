"""Keeps what may be a secret out of error texts.

The engine hands secrets over unmarked, so every value that usually carries one counts as one.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final


_SHORTEST: Final = 6
"""Shorter values are words that an error text may well hold for another reason."""


def hidden(text: str, properties: Mapping[str, Any]) -> str:
    """*text* without the environment's values and the contents of uploads."""
    for value in sorted(_values(properties), key=len, reverse=True):
        if len(value) >= _SHORTEST:
            text = text.replace(value, "[hidden]")
    return text


def _values(properties: Mapping[str, Any]) -> Iterator[str]:
    for env in properties.get("envs") or ():
        yield str(env).partition("=")[2]
    for upload in properties.get("uploads") or ():
        if isinstance(upload, Mapping):
            yield str(upload.get("content") or "")
            yield str(upload.get("contentBase64") or "")
