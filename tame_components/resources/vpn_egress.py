"""VpnEgress: the tunnel that torrent clients leave through, and those clients."""

from dataclasses import dataclass

import pulumi

from tame_components.resources._component import token
from tame_components.resources._service import run
from tame_components.resources.arr_service import ArrService, ArrServiceArgs
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class VpnEgressArgs:
    """What a VpnEgress needs."""

    network: MediaNetwork
    """Where it lives. Its topology says which services are members of the gateway."""


class VpnEgress(pulumi.ComponentResource):
    """A VPN gateway, and the services that share its network namespace.

    A member starts only once the tunnel is up, and is replaced together with the gateway, because
    a namespace dies with its container (gluetun issue 641). When the tunnel dies members lose the
    network, which is the point; their UIs stay reachable from the bridge. The gateway heals its
    tunnel inside the container, so nothing here restarts it.
    """

    container_id: pulumi.Output[str]
    """Docker's id of the gateway's container. Known once the tunnel is up."""
    members: pulumi.Output[dict[str, str]]
    """Where each member is found from the bridge, e.g. `{"qbittorrent": "http://gluetun:8080"}`."""

    def __init__(
        self, name: str, args: VpnEgressArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(VpnEgress), name, {}, opts)
        topology = args.network.topology
        gateway = run(self, args.network, topology.service(name))
        self.services = {
            member.name: ArrService(
                member.name,
                ArrServiceArgs(network=args.network, gateway=gateway.container),
                pulumi.ResourceOptions(parent=self),
            )
            for member in topology.members(name)
        }
        self.container_id = gateway.container.id
        self.members = pulumi.Output.all(**{key: one.url for key, one in self.services.items()})
        self.register_outputs({"container_id": self.container_id, "members": self.members})
