"""GpuTranscoder: a service that works on video, on the stack's GPU where it has one."""

from dataclasses import dataclass

import pulumi

from tame_components.domain.advertising import advertised_addresses
from tame_components.resources._component import token
from tame_components.resources._service import run
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class GpuTranscoderArgs:
    """What a GpuTranscoder needs."""

    network: MediaNetwork
    """Where it lives. Its topology says what the service is, and which GPU the stack has."""


class GpuTranscoder(pulumi.ComponentResource):
    """A media server or transcoder: Plex, Jellyfin, Emby, Tdarr.

    With `tame:gpu` it gets the render node and its group (Intel, AMD) or a device request
    (NVIDIA), and a scratch directory in memory. Without, it is the same component and works on the
    processor, so that adding a GPU later replaces one container and nothing else.
    """

    url: pulumi.Output[str]
    """Where other services find it, e.g. `http://jellyfin:8096`. On the host's network: empty."""
    container_id: pulumi.Output[str]
    """Docker's id of the container. Known once it is healthy."""
    advertised: pulumi.Output[list[str]]
    """Where players are told to find it. Empty: nowhere, or it finds out itself."""
    gpu: pulumi.Output[str]
    """The vendor of the GPU that it uses. Empty: the processor."""
    ffmpeg: pulumi.Output[list[str]]
    """The arguments that keep video on that GPU. Empty: no GPU."""

    def __init__(
        self, name: str, args: GpuTranscoderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(GpuTranscoder), name, {}, opts)
        topology = args.network.topology
        service = topology.service(name)
        running = run(self, args.network, service)
        self.secrets = running.secrets
        self.url = pulumi.Output.from_input(service.url)
        self.container_id = running.container.id
        self.advertised = pulumi.Output.from_input(list(advertised_addresses(topology, service)))
        gpu = topology.settings.gpu if service.gpu else None
        self.gpu = pulumi.Output.from_input(gpu.vendor.value if gpu else "")
        self.ffmpeg = pulumi.Output.from_input(list(gpu.arguments) if gpu else [])
        self.register_outputs(
            {
                "url": self.url,
                "container_id": self.container_id,
                "advertised": self.advertised,
                "gpu": self.gpu,
                "ffmpeg": self.ffmpeg,
            }
        )
