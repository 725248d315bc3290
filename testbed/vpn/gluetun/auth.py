"""Who may call which route of the control server: gluetun's roles."""

import base64
import hmac
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testbed.vpn.gluetun.reading import SettingError


ROUTES: Final = (
    "GET /openvpn/actions/restart",
    "GET /openvpn/portforwarded",
    "GET /openvpn/settings",
    "GET /unbound/actions/restart",
    "GET /updater/restart",
    "GET /v1/version",
    "GET /v1/vpn/status",
    "PUT /v1/vpn/status",
    "GET /v1/vpn/settings",
    "PUT /v1/vpn/settings",
    "GET /v1/openvpn/status",
    "PUT /v1/openvpn/status",
    "GET /v1/openvpn/portforwarded",
    "GET /v1/openvpn/settings",
    "GET /v1/dns/status",
    "PUT /v1/dns/status",
    "GET /v1/updater/status",
    "PUT /v1/updater/status",
    "GET /v1/publicip/ip",
    "GET /v1/portforward",
)
"""Every route of gluetun's control server; this one answers those that a stack uses."""

_METHODS: Final = ("none", "apikey", "basic")
_FIELDS: Final = ("name", "auth", "apikey", "username", "password")


@dataclass(frozen=True, slots=True)
class Role:
    """One way in, and the routes that it opens."""

    name: str = ""
    auth: str = ""
    apikey: str = ""
    username: str = ""
    password: str = ""
    routes: tuple[str, ...] = ()

    def validate(self) -> None:
        """Refuses what gluetun refuses; raises SettingError."""
        if self.auth not in _METHODS:
            raise SettingError(f"authentication method not supported: {self.auth}")
        needed = {"apikey": (("api key", self.apikey),), "none": ()}.get(
            self.auth, (("username", self.username), ("password", self.password))
        )
        for what, value in needed:
            if not value:
                raise SettingError(f"for role {self.name}: {what} is empty")
        for route in self.routes:
            if route not in ROUTES:
                raise SettingError(f"route is not supported by the control server: {route}")

    def admits(self, headers: Mapping[str, str], query: str) -> bool:
        """Whether a request with *headers* and *query* (`api_key=`) may pass."""
        if self.auth == "none":
            return True
        if self.auth == "apikey":
            given = headers.get("X-API-Key") or _query_key(query)
            return hmac.compare_digest(given.encode(), self.apikey.encode())
        scheme, _, encoded = (headers.get("Authorization") or "").partition(" ")
        expected = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return scheme.lower() == "basic" and hmac.compare_digest(encoded, expected)


def _query_key(query: str) -> str:
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name == "api_key":
            return value
    return ""


_PRIVATE: Final = ("/v1/vpn/settings", "/openvpn/settings", "/v1/openvpn/settings")
_PUBLIC: Final = Role(
    name="public",
    auth="none",
    routes=tuple(route for route in ROUTES if not route.endswith(_PRIVATE)),
)


def roles(file: Path, default_role: str) -> tuple[Role, ...]:
    """The roles of *file*, then the default role for every route that no role names.

    Without any role gluetun v3.41.3 still lets everybody in, except to settings
    (internal/server/middlewares/auth/settings.go, `SetDefaults`; gone after that release).

    Raises:
        SettingError: In gluetun's words.
    """
    found = list(_from_file(file))
    default = _default(default_role)
    if default.auth:
        default.validate()
        named = {route for role in found for route in role.routes}
        rest = tuple(sorted(set(ROUTES) - named))
        found.append(Role("default", *_credentials(default), rest))
    found = found or [_PUBLIC]
    for role in found:
        role.validate()
    return tuple(found)


def _credentials(role: Role) -> tuple[str, str, str, str]:
    return role.auth, role.apikey, role.username, role.password


def _default(text: str) -> Role:
    problem = "control server settings: default authentication role is not valid JSON"
    try:
        given = json.loads(text)
    except ValueError as error:
        raise SettingError(f"{problem}: {error.args[0].split(':')[0]}") from error
    if not isinstance(given, dict):
        raise SettingError(f"{problem}: it is no object")
    for key in given:
        if key not in _FIELDS:
            raise SettingError(f'{problem}: json: unknown field "{key}"')
    return Role(**given)


def _from_file(file: Path) -> list[Role]:
    try:
        content = tomllib.loads(file.read_text())
    except FileNotFoundError:
        return []
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"reading auth settings: toml decoding file: {error}") from error
    found = []
    for entry in content.get("roles", ()):
        unknown = set(entry) - {*_FIELDS, "routes"}
        if unknown:
            raise SettingError(f"reading auth settings: toml decoding file: unknown {unknown}")
        found.append(Role(**{**entry, "routes": tuple(entry.get("routes", ()))}))
    return found
