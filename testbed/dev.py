"""Everything that the dev stack stands on: engine, images, VPN provider, project.

`python -m testbed.dev` brings up what is missing, in one process because `make dev` runs it each
time, and prints the project's directory.
"""

import secrets as random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tame_components.domain.errors import TameError
from testbed import engine, images
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


@contextmanager
def _step(name: str) -> Iterator[None]:
    print(f"== {name}", file=sys.stderr, flush=True)
    begun = time.monotonic()
    yield
    print(f"== {name}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)


def main() -> int:
    """Bring up what is missing, and print where the project is."""
    try:
        with _step("Docker engine"):
            host = engine.ensure(_say).host
        with _step("stand-in images, VPN provider, project"), ThreadPoolExecutor() as pool:
            built = pool.submit(images.build, host, say=_say)
            project = prepare(host)
            built.result()
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(project.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
