"""Typed Pulumi components for self-hosted media stacks.

    topology = compose_topology(load_settings(), catalog())
    secrets = load_secrets(topology)
    network = MediaNetwork("media", MediaNetworkArgs(topology=topology, secrets=secrets))
    for service in topology.direct:
        ArrService(service.name, ArrServiceArgs(network=network))

`stacks/media.py` is the whole of it. Plain facts (`domain`, `rules`, `catalog`) load without
Pulumi.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from tame_components.domain.app import App
    from tame_components.domain.compose import compose_topology
    from tame_components.domain.errors import TameError
    from tame_components.domain.settings import StackSettings
    from tame_components.domain.topology import Topology
    from tame_components.resources.arr_service import ArrService, ArrServiceArgs
    from tame_components.resources.media_network import MediaNetwork, MediaNetworkArgs
    from tame_components.resources.secrets import StackSecrets
    from tame_components.resources.stack_config import load_secrets, load_settings
    from tame_components.resources.vpn_egress import VpnEgress, VpnEgressArgs

_HOMES = {
    "App": "domain.app",
    "ArrService": "resources.arr_service",
    "ArrServiceArgs": "resources.arr_service",
    "MediaNetwork": "resources.media_network",
    "MediaNetworkArgs": "resources.media_network",
    "StackSecrets": "resources.secrets",
    "StackSettings": "domain.settings",
    "TameError": "domain.errors",
    "Topology": "domain.topology",
    "VpnEgress": "resources.vpn_egress",
    "VpnEgressArgs": "resources.vpn_egress",
    "compose_topology": "domain.compose",
    "load_secrets": "resources.stack_config",
    "load_settings": "resources.stack_config",
}

__all__ = [
    "App",
    "ArrService",
    "ArrServiceArgs",
    "MediaNetwork",
    "MediaNetworkArgs",
    "StackSecrets",
    "StackSettings",
    "TameError",
    "Topology",
    "VpnEgress",
    "VpnEgressArgs",
    "compose_topology",
    "load_secrets",
    "load_settings",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Load a public name on first use, so that plain facts do not cost an import of Pulumi."""
    if name not in _HOMES:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
