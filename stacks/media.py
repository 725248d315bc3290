"""The media stack: one page, the same for every environment."""

import pulumi
import pulumi_command as command
import pulumi_docker as docker

from tame_components import (
    ArrService,
    ArrServiceArgs,
    MediaNetwork,
    MediaNetworkArgs,
    StackSettings,
    VpnEgress,
    VpnEgressArgs,
    compose_topology,
    load_secrets,
)
from tame_components.catalog import catalog
from tame_components.ops.preflight import preflight


def compose(settings: StackSettings) -> None:
    """Declare every resource of the stack, and export what people and other stacks read.

    Raises:
        TameError: something is wrong; nothing was changed.
    """
    topology = compose_topology(settings, catalog())
    secrets = load_secrets(topology)
    if not pulumi.runtime.is_dry_run():
        preflight(topology)

    engine = docker.Provider("engine", host=settings.engine)
    host = command.Provider("host")
    ours = pulumi.ResourceOptions(providers=[engine, host])
    network = MediaNetwork("media", MediaNetworkArgs(topology=topology, secrets=secrets), ours)
    for gateway in topology.gateways:
        VpnEgress(gateway.name, VpnEgressArgs(network=network), ours)
    for service in topology.direct:
        ArrService(service.name, ArrServiceArgs(network=network), ours)

    pulumi.export("environment", settings.environment.value)
    pulumi.export("links", topology.links)
    pulumi.export("release", topology.release)
