"""The stacks that are measured, as settings."""

import socket
from pathlib import Path
from typing import Any

from testbed.dev import topology_of, with_tunnel
from testbed.project import ROOT
from testbed.vpn import provider as vpn


APP = "prowlarr"
"""Of the stacks of equal services: a cheap one, which needs no other and publishes nothing."""

DEV = ROOT / "Pulumi.dev.yaml"


def equal_services(host: str, home: Path, count: int) -> dict[str, Any]:
    """The settings of *count* services of one application."""
    services = {f"{APP}-{number:03}": {"app": APP} for number in range(1, count + 1)}
    # One user for all: ids are made from names, and 400 names meet by chance.
    return _settings(host, home, services, uid=13_001)


def dev_services(host: str, home: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings of the dev stack on free ports, and the secrets that a person has to give."""
    import yaml  # noqa: PLC0415 - one of four parts needs it

    services = yaml.safe_load(DEV.read_text())["config"]["tame:services"]
    tunnel = vpn.ensure(host, client="bench")
    settings = with_tunnel(_settings(host, home, services), tunnel)
    for service in topology_of("bench", settings).services:
        if service.published:
            asked = settings["services"][service.name]
            settings["services"][service.name] = {**asked, "publish": _free_port()}
    return settings, {
        "gluetun.wireguard_private_key": tunnel.client_private_key,
        "notifiarr.api-key": "0" * 32,
    }


def _settings(
    host: str, home: Path, services: dict[str, Any], *, uid: int | None = None
) -> dict[str, Any]:
    socket_group = Path(host.removeprefix("unix://")).stat().st_gid
    identity = {"docker_gid": socket_group} | ({} if uid is None else {"uid": uid})
    return {
        "environment": "dev",
        "rehearsal": True,
        "engine": host,
        "data": {"root": str(home / "data")},
        "config_root": str(home / "config"),
        "identity": identity,
        "services": services,
        "probe_interval": 3,  # as the dev stack: one a second keeps a core busy with 25 containers
        "wait_timeout": 180,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
