"""Everything that the dev stack stands on: engine, images, VPN provider, project.

`python -m testbed.dev` brings up what is missing, in one process because `make dev` runs it each
time, and prints the project's directory. `python -m testbed.dev everything` does it for a stack of
the whole catalog, with every section of the settings.
"""

import atexit
import gc
import secrets as random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tame_components.catalog import catalog, refusals
from tame_components.domain.compose import EXPORTER, compose_topology
from tame_components.domain.errors import TameError
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from testbed import engine, everything, images
from testbed.project import ROOT, Project, lay_out, wanted_secrets
from testbed.vpn import provider as vpn


STACK = "dev"
EVERYTHING = "everything"
HOME = ROOT / ".tame"


def settings_of(stack: str) -> dict[str, Any]:
    """The settings of the rehearsal *stack*: the committed dev stack, or everything there is."""
    committed = _committed()
    if stack == STACK:
        return committed
    return {
        **committed,
        "services": everything.services(catalog(), without=EXPORTER),
        "probe_interval": 10,  # sixty services each 3 s are too much for two cores
        "backup": everything.BACKUP,
        "remote_access": everything.REMOTE_ACCESS,
    }


def prepare(host: str, stack: str = STACK) -> Project:
    """Lay out *stack* for the engine at *host*; a second call changes nothing."""
    tunnel = vpn.ensure(host, client=stack, say=_say)
    facts = with_tunnel({**settings_of(stack), **_machine(host, stack)}, tunnel)
    topology = topology_of(stack, facts)
    given = {path: random.token_hex(16) for path in wanted_secrets(topology)}
    given["secrets.gluetun.wireguard_private_key"] = tunnel.client_private_key
    return lay_out(HOME / stack, stack, facts, given)


def topology_of(stack: str, settings: dict[str, Any]) -> Topology:
    """What *settings* amount to."""
    checked = check_settings(f"Pulumi.{stack}.yaml", stack, settings)
    return compose_topology(checked, catalog(), refusals())


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


def _machine(host: str, stack: str) -> dict[str, Any]:
    socket = Path(host.removeprefix("unix://"))
    place = HOME if stack == STACK else HOME / f"{stack}-host"
    (place / "backups").mkdir(parents=True, exist_ok=True)
    return {
        "engine": host,
        "data": {"root": str(place / "data")},
        "config_root": str(place / "config"),
        "backup": {**settings_of(stack)["backup"], "repository": str(place / "backups")},
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


def _services(stack: str) -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = settings_of(stack)["services"]
    return services if stack == STACK else {**services, EXPORTER: {}}


def main() -> int:
    """Bring up what is missing, and print where the project is."""
    atexit.register(gc.freeze)  # looking for garbage at the end would take 0.1 s
    stack = sys.argv[1] if len(sys.argv) > 1 else STACK
    try:
        with _step("Docker engine"):
            host = engine.ensure(_say).host
        needed = sorted({service.get("app", name) for name, service in _services(stack).items()})
        with _step("programs for the stand-ins"):
            # Before anything runs side by side: images and VPN provider are made of the same ones.
            images.ensure_programs(needed, _say)
        with _step("stand-in images, VPN provider, project"), ThreadPoolExecutor() as pool:
            built = pool.submit(images.build, host, needed, say=_say)
            project = prepare(host, stack)
            built.result()
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # ci/dev says that it was interrupted
    print(project.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
