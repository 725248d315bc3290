"""How gluetun reads one setting: a secret file first, then the environment, then its default."""

import ipaddress
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar


_TRUE: Final = ("enabled", "yes", "on", "true", "1")
_FALSE: Final = ("disabled", "no", "off", "false", "0")
_SECRETS: Final = Path("/run/secrets")
_PORTS: Final = 65535

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
T = TypeVar("T")


class SettingError(Exception):
    """A setting that gluetun refuses, in gluetun's words."""


class Reader:
    """The environment and the secret files of one container."""

    def __init__(self, environ: Mapping[str, str], secrets: Path = _SECRETS) -> None:
        self._environ = environ
        self._secrets = secrets

    def text(self, key: str, default: str = "", *, retro: str = "") -> str:
        """The value of *key*; the secret file `<key in lower case>` wins over the environment."""
        path = self._environ.get(f"{key}_SECRETFILE") or str(self._secrets / key.lower())
        try:
            return Path(path).read_text().strip()
        except OSError:
            pass  # absent is the usual case
        value = self._environ.get(key, "") or (self._environ.get(retro, "") if retro else "")
        return value.strip() or default

    def flag(self, key: str, *, default: bool) -> bool:
        """A switch: `on` or `off`, and gluetun's other spellings."""
        value = self.text(key).lower()
        if not value:
            return default
        if value not in _TRUE + _FALSE:
            allowed = ", ".join(_TRUE + _FALSE)
            raise SettingError(
                f"environment variable {key}: value is not valid for a boolean: "
                f'"{value}" can only be one of: {allowed}'
            )
        return value in _TRUE

    def one_of(self, key: str, default: str, choices: tuple[str, ...], what: str) -> str:
        """One of *choices*, in lower case."""
        value = self.text(key, default).lower()
        if value not in choices:
            raise SettingError(
                f"{what}: value is not one of the possible choices: "
                f"{value} must be one of {', '.join(choices)}"
            )
        return value

    def items(self, key: str, default: str = "") -> tuple[str, ...]:
        """A list separated by commas."""
        return tuple(part.strip() for part in self.text(key, default).split(",") if part.strip())

    def port(self, key: str, *, retro: str = "") -> int:
        """A port number, 0 if unset."""
        return self._parsed(key, self.text(key, "0", retro=retro), _port)

    def ports(self, key: str) -> tuple[int, ...]:
        """A list of port numbers."""
        return tuple(self._parsed(key, item, _port) for item in self.items(key))

    def subnets(self, key: str) -> tuple[Network, ...]:
        """A list of prefixes, host bits cleared."""
        read = lambda item: ipaddress.ip_network(item, strict=False)  # noqa: E731 - one expression
        return tuple(self._parsed(key, item, read) for item in self.items(key))

    def address(self, key: str, *, retro: str = "") -> ipaddress.IPv4Address | None:
        """An IPv4 address, None if unset."""
        value = self.text(key, retro=retro)
        return self._parsed(key, value, ipaddress.IPv4Address) if value else None

    def interfaces(self, key: str, default: str = "") -> tuple[Interface, ...]:
        """Addresses with their prefix length; `/32` where none is given."""
        items = (item if "/" in item else f"{item}/32" for item in self.items(key, default))
        return tuple(self._parsed(key, item, ipaddress.ip_interface) for item in items)

    @staticmethod
    def _parsed(key: str, value: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(value)
        except ValueError as error:
            raise SettingError(f"environment variable {key}: {error}") from error


def _port(value: str) -> int:
    if not value.isdigit() or int(value) > _PORTS:
        raise ValueError(f'parsing "{value}": value out of range or invalid syntax')
    return int(value)
