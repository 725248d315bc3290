"""Where applications write the keys that they made themselves, and how to read them.

Readers get the text of a file and return the key; None where it has none.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tame_components.domain.app import App


Reader = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One secret in an application's own file."""

    secret: str
    """The catalog's name of it."""
    file: str
    """Below the state directory."""
    read: Reader


def own_keys(app: App) -> tuple[OwnKey, ...]:
    """What *app* keeps in its own files, of the secrets that the catalog gives it."""
    has = {one.name for one in app.secrets if one.derive != "borrowed"}
    return tuple(one for one in _BY_APP.get(app.name, ()) if one.secret in has)


def _tag(name: str) -> Reader:
    """XML as .NET writes it: one element, text only."""
    pattern = re.compile(rf"<{name}>\s*([^<\s]+)\s*</{name}>")

    def read(text: str) -> str | None:
        found = pattern.search(text)
        return found[1] if found else None

    return read


def _ini(section: str, key: str) -> Reader:
    """ConfigObj's dialect, which knows `[[subsections]]` and quotes."""

    def read(text: str) -> str | None:
        inside = False
        for line in text.splitlines():
            if line.lstrip().startswith("["):
                inside = line.strip() == f"[{section}]"
            name, equals, value = line.partition("=")
            if inside and equals and name.strip() == key:
                return value.strip().strip("\"'") or None
        return None

    return read


def _path(load: Callable[[str], Any], *names: str) -> Reader:
    """A value in nested mappings."""

    def read(text: str) -> str | None:
        try:
            found = load(text)
        except (ValueError, yaml.YAMLError):
            return None
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) and found else None

    return read


def _qbittorrent(text: str) -> str | None:
    found = re.search(r'^WebUI\\Password_PBKDF2="?(@ByteArray\([^)"]+\))"?$', text, re.MULTILINE)
    return found[1] if found else None


_SERVARR = (OwnKey("api-key", "config.xml", _tag("ApiKey")),)
_SEERR = (OwnKey("api-key", "settings.json", _path(json.loads, "main", "apiKey")),)
_AUTHELIA = "configuration.yml"

_BY_APP: Mapping[str, tuple[OwnKey, ...]] = {
    **dict.fromkeys(("lidarr", "prowlarr", "radarr", "sonarr"), _SERVARR),
    **dict.fromkeys(("jellyseerr", "overseerr", "seerr"), _SEERR),
    "authelia": (
        OwnKey("storage-key", _AUTHELIA, _path(yaml.safe_load, "storage", "encryption_key")),
        OwnKey("session-secret", _AUTHELIA, _path(yaml.safe_load, "session", "secret")),
    ),
    "bazarr": (
        OwnKey("api-key", "config/config.yaml", _path(yaml.safe_load, "auth", "apikey")),
        OwnKey("api-key", "config/config.ini", _ini("auth", "apikey")),
    ),
    "jackett": (OwnKey("api-key", "Jackett/ServerConfig.json", _path(json.loads, "APIKey")),),
    "qbittorrent": (
        OwnKey("password", "qBittorrent/qBittorrent.conf", _qbittorrent),
        OwnKey("password", "config/qBittorrent.conf", _qbittorrent),
    ),
    "sabnzbd": (
        OwnKey("api-key", "sabnzbd.ini", _ini("misc", "api_key")),
        OwnKey("password", "sabnzbd.ini", _ini("misc", "password")),
    ),
    "tautulli": (OwnKey("api-key", "config.ini", _ini("General", "api_key")),),
}
"""By app; a second file for one secret is another version's, or another image's.

Sources: Servarr NzbDrone.Core/Configuration/ConfigFileProvider.cs; sct/overseerr
server/lib/settings.ts; authelia/authelia internal/configuration/schema; morpheus65535/bazarr
bazarr/app/config.py; Jackett/Jackett src/Jackett.Common/Models/Config/ServerConfig.cs;
qbittorrent/qBittorrent src/base/preferences.cpp; sabnzbd/sabnzbd sabnzbd/cfg.py; Tautulli/Tautulli
plexpy/config.py. Paths: linuxserver's images, and hotio's for qBittorrent."""
