"""Example stacks, as plain values."""

from typing import Any

from tame_components.catalog import catalog
from tame_components.domain.compose import EXPORTER, compose_topology
from tame_components.domain.settings import StackSettings
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from testbed import everything


CORE = (
    "bazarr",
    "dozzle",
    "gluetun",
    "jellyfin",
    "overseerr",
    "plex",
    "prowlarr",
    "qbittorrent",
    "radarr",
    "sabnzbd",
    "socket-proxy",
    "sonarr",
)
"""A pipeline with each kind of service in it."""

VPN = {
    "provider": "custom",
    "addresses": ["10.64.0.2/32"],
    "endpoint_ip": "192.0.2.1",
    "endpoint_port": 51820,
    "public_key": "c2VydmVy",
}

OTHER_HOST = {"gpu-box": {"engine": "ssh://root@gpu-box", "address": "192.168.1.9"}}
"""Another machine with an engine, for a service that names it in `host`."""


def values(**changes: Any) -> dict[str, Any]:
    """The keys of a good settings file, with *changes*; a change to None removes the key."""
    good: dict[str, Any] = {
        "environment": "dev",
        "engine": "unix:///run/none.sock",
        "data": {"root": "/srv/data"},
        "config_root": "/srv/config",
        "vpn": VPN,
        "services": {name: {} for name in CORE},
    }
    merged = {**good, **changes}
    return {key: value for key, value in merged.items() if value is not None}


def settings(stack: str = "test", **changes: Any) -> StackSettings:
    """Checked settings with *changes*."""
    return check_settings(f"Pulumi.{stack}.yaml", stack, values(**changes))


def topology(stack: str = "test", **changes: Any) -> Topology:
    """The topology of good settings with *changes*."""
    return compose_topology(settings(stack, **changes), catalog())


def only(*names: str, **changes: Any) -> Topology:
    """A stack of nothing but *names*."""
    return topology(services={name: {} for name in names}, **changes)


WATCH: dict[str, Any] = {"receivers": {"chat": {"kind": "discord"}}}


def whole(**changes: Any) -> Topology:
    """A stack of every app of the catalog, one of them twice, with every section of settings."""
    sections: dict[str, Any] = {
        "backup": everything.BACKUP,
        "gpu": {"vendor": "intel", "render_gid": 105},
        "observability": WATCH,
        "remote_access": everything.REMOTE_ACCESS,
    }
    services = everything.services(catalog(), without=EXPORTER)
    return topology(**{"services": services, **sections, **changes, "rehearsal": True})
