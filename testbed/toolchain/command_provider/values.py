"""Property values that may be secret."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from testbed.toolchain.protocol import SECRET, SIGNATURE


_SHORTEST: Final = 3
"""A shorter secret is no secret, and striking it out would make every text unreadable."""


def is_secret(value: object) -> bool:
    """Whether *value* is marked as a secret."""
    return isinstance(value, Mapping) and value.get(SIGNATURE) == SECRET


def opened(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """*value* without the marks of secrets, at any depth."""
    if is_secret(value):
        return opened(value.get("value"))
    if isinstance(value, Mapping):
        return {name: opened(item) for name, item in value.items()}
    if isinstance(value, list):
        return [opened(item) for item in value]
    return value


def sealed(value: object) -> dict[str, Any]:
    """*value* marked as a secret."""
    return {SIGNATURE: SECRET, "value": value}


def holds_secret(value: object) -> bool:
    """Whether *value* is, or holds, a secret."""
    if isinstance(value, Mapping):
        return is_secret(value) or any(holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(holds_secret(item) for item in value)


def secret_texts(value: object, *, inside: bool = False) -> Iterator[str]:
    """Every text in *value* that is a secret or part of one."""
    if is_secret(value):
        assert isinstance(value, Mapping)  # noqa: S101 - what is_secret found, for the type checker
        yield from secret_texts(value.get("value"), inside=True)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secret_texts(item, inside=inside)
    elif isinstance(value, list):
        for item in value:
            yield from secret_texts(item, inside=inside)
    elif inside and isinstance(value, str) and len(value) >= _SHORTEST:
        yield value
        yield from (line for line in value.splitlines() if len(line) >= _SHORTEST)


def struck_out(text: str, secrets: list[str]) -> str:
    """*text* with `[secret]` wherever one of *secrets* stood."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    return text
