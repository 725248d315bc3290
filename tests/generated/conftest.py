"""Stacks that are watched, and the programs that judge what is generated for them."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.app_traits import ConfigFile
from tame_components.domain.topology import Topology
from tame_components.generated import files_of
from tests.harness import stacks


WATCHERS = (
    "alertmanager",
    "alloy",
    "blackbox-exporter",
    "cadvisor",
    "grafana",
    "homepage",
    "loki",
    "node-exporter",
    "prometheus",
    "uptime-kuma",
)
RECEIVERS = {
    "away": {"kind": "dead_man", "every_minutes": 10},
    "chat": {"kind": "discord"},
    "mail": {
        "kind": "email",
        "address": "me@example.org",
        "sender": "tame@example.org",
        "smarthost": "mail.example.org:587",
        "severities": ["critical"],
    },
    "phone": {"kind": "telegram", "address": "-1001234567890"},
    "work": {"kind": "slack", "address": "#media"},
}


def watched(*names: str, **settings: Any) -> Topology:
    """A stack of *names*, and of what `services` says, that is watched."""
    services = {**{name: {} for name in names}, **settings.pop("services", {})}
    return stacks.topology(services=services, **{"observability": {}, **settings})


def everything() -> Topology:
    """A stack with each kind of figure, each kind of receiver, backups and public names."""
    return stacks.topology(
        services={name: {} for name in (*stacks.CORE, *WATCHERS)},
        observability={"receivers": RECEIVERS},
        backup={},
        remote_access={"domain": "example.org"},
    )


SHAPES: dict[str, Callable[[], Topology]] = {
    "core": lambda: stacks.topology(
        observability={}, services={name: {} for name in (*stacks.CORE, "prometheus")}
    ),
    "everything": everything,
    "none_observable": lambda: watched("prometheus", "plex", vpn=None),
    "nobody_but_prometheus": lambda: watched("prometheus", vpn=None),
    "tunnel": lambda: watched("prometheus", "blackbox-exporter", "gluetun", "qbittorrent"),
    "host_network": lambda: watched(
        services={"plex": {"host_network": True}, "prometheus": {}, "blackbox-exporter": {}}
    ),
    "two_of_one": lambda: watched(
        *WATCHERS,
        services={
            "radarr": {},
            "radarr-4k": {"app": "radarr"},
            "socket-proxy": {},
        },
    ),
    "receivers": lambda: watched(
        "prometheus", "alertmanager", "radarr", observability={"receivers": RECEIVERS}
    ),
    "settings": lambda: watched(
        *WATCHERS,
        observability={"scrape_seconds": 5, "unhealthy_minutes": 1, "disk_full_percent": 80},
    ),
}
"""Stacks of several shapes, by name."""


def files(topology: Topology, service: str) -> dict[str, ConfigFile]:
    """What *service* reads, by path."""
    return {file.path: file for file in files_of(topology, topology.service(service))}


def tool(program: str, package: str) -> str:
    """Where *program* is; the test is skipped where it is not."""
    found = shutil.which(program, path="/usr/bin:/usr/local/bin:/usr/sbin")
    if found is None:
        pytest.skip(f"no `{program}` on this machine (Debian's package `{package}` has it)")
    return found


def judged(*command: str | Path) -> str:
    """What the program says; the test fails where it objects."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def lay_out(tmp_path: Path) -> Callable[[Topology, str], Path]:
    """Writes the files of a service below a folder, as they lie in its container."""

    def lay(topology: Topology, service: str) -> Path:
        for path, file in files(topology, service).items():
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            # Absolute paths inside mean the container's.
            place.write_text(file.content.replace("/etc/prometheus", f"{tmp_path}/etc/prometheus"))
        return tmp_path

    return lay
