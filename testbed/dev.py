"""The dev stack's project: the committed dials, and what only this machine knows.

    python -m testbed.dev --host unix:///run/docker.sock

brings up the VPN provider of the rehearsal and lays out `.tame/dev`.
"""

import argparse
import secrets as random
import sys
from pathlib import Path
from typing import Any

import yaml

from testbed.project import ROOT, Project, lay_out
from testbed.vpn import provider as vpn


STACK = "dev"
HOME = ROOT / ".tame"


def prepare(host: str) -> Project:
    """Lay out the dev stack for the engine at *host*; a second call changes nothing."""
    tunnel = vpn.ensure(host, client=STACK, say=_say)
    facts = {**_committed(), **_machine(host)}
    return lay_out(
        HOME / STACK,
        STACK,
        with_tunnel(facts, tunnel),
        {
            "secrets.gluetun.wireguard_private_key": tunnel.client_private_key,
            "secrets.notifiarr.api-key": random.token_hex(16),
        },
    )


def with_tunnel(settings: dict[str, Any], tunnel: vpn.Provider) -> dict[str, Any]:
    """*settings* with the tunnel to the rehearsal's VPN provider."""
    environment = tunnel.environment()
    services = dict(settings["services"])
    # Real targets lie outside: the gateway's health is judged by the rehearsal's own.
    targets = ("HEALTH_TARGET_ADDRESSES", "HEALTH_ICMP_TARGET_IPS", "PUBLICIP_API")
    services["gluetun"] = {"environment": {name: environment[name] for name in targets}}
    dialled = {
        "provider": "custom",
        "addresses": [tunnel.client_address],
        "endpoint_ip": tunnel.endpoint_ip,
        "endpoint_port": tunnel.endpoint_port,
        "public_key": tunnel.server_public_key,
    }
    return {**settings, "services": services, "vpn": dialled}


def _committed() -> dict[str, Any]:
    config = yaml.safe_load((ROOT / f"Pulumi.{STACK}.yaml").read_text())["config"]
    return {
        key.removeprefix("tame:"): value for key, value in config.items() if key.startswith("tame:")
    }


def _machine(host: str) -> dict[str, Any]:
    socket = Path(host.removeprefix("unix://"))
    return {
        "engine": host,
        "data": {"root": str(HOME / "data")},
        "config_root": str(HOME / "config"),
        "identity": {"docker_gid": socket.stat().st_gid},
    }


def _say(text: str) -> None:
    print(f"   {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Lay out the dev stack and print its project's directory."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("--host", required=True, help="the Docker engine, as DOCKER_HOST")
    print(prepare(arguments.parse_args().host).directory)


if __name__ == "__main__":
    main()
