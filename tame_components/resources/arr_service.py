"""ArrService: one application of the catalog on the media network."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from tame_components.resources._component import token
from tame_components.resources._service import run
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrServiceArgs:
    """What an ArrService needs."""

    network: MediaNetwork
    """Where it lives. Its topology says what the service is: image, mounts, ports, probe."""
    gateway: docker.Container | None = None
    """The VPN gateway's container, for a member. Only VpnEgress passes one."""


class ArrService(pulumi.ComponentResource):
    """One service: its image, and its container, healthy.

    The component's name is the service's name in the topology. It publishes a port only where the
    topology says so, which by default is the user plane alone. Its state directory is never
    removed.
    """

    url: pulumi.Output[str]
    """Where other services of the bridge find it, e.g. `http://radarr:7878`. Empty: no UI there."""
    container_id: pulumi.Output[str]
    """Docker's id of the container. Known once it is healthy."""
    image_id: pulumi.Output[str]
    """Docker's id of the image that runs."""

    def __init__(
        self, name: str, args: ArrServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(ArrService), name, {}, opts)
        topology = args.network.topology
        service = topology.service(name)
        running = run(self, args.network, service, args.gateway)
        self.secrets = running.secrets
        self.url = pulumi.Output.from_input(service.url)
        self.container_id = running.container.id
        self.image_id = running.image.image_id
        self.register_outputs(
            {"url": self.url, "container_id": self.container_id, "image_id": self.image_id}
        )
