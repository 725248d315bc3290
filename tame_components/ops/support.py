"""Whether an engine is one that TAME works with; what is not is refused by name.

`docker info` as in the Engine API, `GET /info` (moby/moby, api/swagger.yaml).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tame_components.domain.topology import Topology


OLDEST_API = (1, 40)
"""Docker 19.03: device requests (`--gpus`) and start periods of probes."""

_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm/v7",
    "amd64": "amd64",
    "arm64": "arm64",
}


def unsupported(topology: Topology, info: Mapping[str, Any], api: str) -> Iterator[str]:
    """What of the engine makes the stack impossible.

    Args:
        topology: the stack.
        info: the engine's own description.
        api: the newest version of the API that the engine speaks, e.g. `1.41`.
    """
    options = [str(one) for one in info.get("SecurityOptions") or ()]
    if tuple(int(part) for part in api.split(".")) < OLDEST_API:
        yield f"engine: its API is {api}; 1.40 is needed, which Docker 19.03 brought"
    if info.get("OSType", "linux") != "linux":
        yield f"engine: it runs `{info['OSType']}` containers; the applications are for Linux"
    if "podman" in f"{info.get('InitBinary', '')} {info.get('ServerVersion', '')}".lower():
        yield "engine: it is Podman, whose namespaces do not follow a VPN gateway that is replaced"
    if any("name=rootless" in one for one in options):
        yield from _rootless(topology)
    yield from _architecture(topology, str(info.get("Architecture", "")))


def _rootless(topology: Topology) -> Iterator[str]:
    gateways = [service.name for service in topology.gateways]
    if gateways:
        yield f"engine: it is rootless, and `{gateways[0]}` needs /dev/net/tun and iptables"
    low = [p.host for s in topology.services for p in s.published if p.host < 1024]  # noqa: PLR2004 - the privileged ports
    if low:
        yield f"engine: it is rootless and cannot publish port {low[0]}, below 1024"


def _architecture(topology: Topology, machine: str) -> Iterator[str]:
    here = _ARCHITECTURES.get(machine)
    if here is None:
        yield f"engine: its machine is `{machine}`; there are images for amd64, arm64 and arm/v7"
    elif not topology.settings.rehearsal:
        missing = [s.name for s in topology.services if here not in s.app.image.architectures]
        if missing:
            yield f"engine: it is {here}, and there is no image for {_named(missing)}"


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
