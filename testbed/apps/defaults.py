"""What an image's own init puts into an empty state directory, before anybody's script runs."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType


def fill(app: str, environment: Mapping[str, str], root: Path = Path("/")) -> None:
    """Does what init-<app>-config does, as far as services and seeds notice it."""
    if app in _FILLS:
        _FILLS[app](environment, root)


def _qbittorrent(_: Mapping[str, str], root: Path) -> None:
    target = root / "config/qBittorrent/qBittorrent.conf"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_QBITTORRENT)


def _transmission(environment: Mapping[str, str], root: Path) -> None:
    """linuxserver/docker-transmission, init-transmission-config: the login is set at each start."""
    target = root / "config/settings.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    stored = json.loads(target.read_text()) if target.exists() else dict(_TRANSMISSION)
    user, password = environment.get("USER"), environment.get("PASS")
    stored["rpc-authentication-required"] = bool(user and password)
    if user and password:
        stored |= {"rpc-username": user, "rpc-password": password}
    target.write_text(json.dumps(stored, indent=4, sort_keys=True) + "\n")


def _webgrabplus(_: Mapping[str, str], root: Path) -> None:
    target = root / "config/WebGrab++.config.xml"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_WEBGRABPLUS)


_QBITTORRENT = r"""[LegalNotice]
Accepted=true

[Preferences]
Connection\UPnP=false
Connection\PortRangeMin=6881
Downloads\SavePath=/downloads/
Downloads\TempPath=/downloads/incomplete/
WebUI\Address=*
WebUI\ServerDomains=*
"""
"""The settings of linuxserver/docker-qbittorrent, root/defaults/qBittorrent.conf."""

_TRANSMISSION = {
    "download-dir": "/downloads/complete",
    "incomplete-dir": "/downloads/incomplete",
    "incomplete-dir-enabled": True,
    "peer-port": 51413,
    "port-forwarding-enabled": True,
    "rpc-bind-address": "[::]",
    "rpc-port": 9091,
    "watch-dir": "/watch",
    "watch-dir-enabled": True,
}
"""Some of linuxserver/docker-transmission, root/defaults/settings.json."""

_WEBGRABPLUS = """<?xml version="1.0"?>
<settings>
  <filename>/data/guide.xml</filename>
  <timespan>0</timespan>
  <update>f</update>
  <channel site="dummy" site_id="xx" update="i" xmltv_id="Example">Example</channel>
</settings>
"""
"""Some of linuxserver/docker-webgrabplus, root/defaults/WebGrab++.config.xml."""

_FILLS: Mapping[str, Callable[[Mapping[str, str], Path], None]] = MappingProxyType(
    {"qbittorrent": _qbittorrent, "transmission": _transmission, "webgrabplus": _webgrabplus}
)
"""By the application's name in the catalog."""
