"""Services that belong together, as children of one component."""

import pulumi

from tame_components.domain.grouping import Part, parts
from tame_components.resources.arr_service import ArrService, ArrServiceArgs
from tame_components.resources.media_network import MediaNetwork


def services_of(
    parent: pulumi.ComponentResource, network: MediaNetwork, part: Part
) -> dict[str, ArrService]:
    """The services of *part*, by name, as children of *parent*."""
    return {
        service.name: ArrService(
            service.name, ArrServiceArgs(network=network), pulumi.ResourceOptions(parent=parent)
        )
        for service in parts(network.topology)[part]
    }


def urls_of(services: dict[str, ArrService]) -> pulumi.Output[dict[str, str]]:
    """Where each is found from the bridge."""
    return pulumi.Output.all(**{name: service.url for name, service in services.items()})
