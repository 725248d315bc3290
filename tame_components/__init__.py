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
    from tame_components.resources.backup_job import BackupJob, BackupJobArgs
    from tame_components.resources.gpu_transcoder import GpuTranscoder, GpuTranscoderArgs
    from tame_components.resources.host_preparation import (
        HostPreparation,
        HostPreparationArgs,
    )
    from tame_components.resources.live_tv import LiveTv, LiveTvArgs
    from tame_components.resources.media_network import MediaNetwork, MediaNetworkArgs
    from tame_components.resources.observability_stack import (
        ObservabilityStack,
        ObservabilityStackArgs,
    )
    from tame_components.resources.proof import proved
    from tame_components.resources.remote_access import RemoteAccess, RemoteAccessArgs
    from tame_components.resources.secrets import StackSecrets
    from tame_components.resources.stack_config import load_lock, load_secrets, load_settings
    from tame_components.resources.tame_agent import TameAgent, TameAgentArgs
    from tame_components.resources.vpn_egress import VpnEgress, VpnEgressArgs

_HOMES = {
    "App": "domain.app",
    "ArrService": "resources.arr_service",
    "ArrServiceArgs": "resources.arr_service",
    "BackupJob": "resources.backup_job",
    "BackupJobArgs": "resources.backup_job",
    "GpuTranscoder": "resources.gpu_transcoder",
    "GpuTranscoderArgs": "resources.gpu_transcoder",
    "HostPreparation": "resources.host_preparation",
    "HostPreparationArgs": "resources.host_preparation",
    "LiveTv": "resources.live_tv",
    "LiveTvArgs": "resources.live_tv",
    "MediaNetwork": "resources.media_network",
    "MediaNetworkArgs": "resources.media_network",
    "ObservabilityStack": "resources.observability_stack",
    "ObservabilityStackArgs": "resources.observability_stack",
    "RemoteAccess": "resources.remote_access",
    "RemoteAccessArgs": "resources.remote_access",
    "StackSecrets": "resources.secrets",
    "StackSettings": "domain.settings",
    "TameAgent": "resources.tame_agent",
    "TameAgentArgs": "resources.tame_agent",
    "TameError": "domain.errors",
    "Topology": "domain.topology",
    "VpnEgress": "resources.vpn_egress",
    "VpnEgressArgs": "resources.vpn_egress",
    "compose_topology": "domain.compose",
    "load_lock": "resources.stack_config",
    "load_secrets": "resources.stack_config",
    "load_settings": "resources.stack_config",
    "proved": "resources.proof",
}

__all__ = [
    "App",
    "ArrService",
    "ArrServiceArgs",
    "BackupJob",
    "BackupJobArgs",
    "GpuTranscoder",
    "GpuTranscoderArgs",
    "HostPreparation",
    "HostPreparationArgs",
    "LiveTv",
    "LiveTvArgs",
    "MediaNetwork",
    "MediaNetworkArgs",
    "ObservabilityStack",
    "ObservabilityStackArgs",
    "RemoteAccess",
    "RemoteAccessArgs",
    "StackSecrets",
    "StackSettings",
    "TameAgent",
    "TameAgentArgs",
    "TameError",
    "Topology",
    "VpnEgress",
    "VpnEgressArgs",
    "compose_topology",
    "load_lock",
    "load_secrets",
    "load_settings",
    "proved",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Load a public name on first use, so that plain facts do not cost an import of Pulumi."""
    if name not in _HOMES:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
