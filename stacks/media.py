"""The media stack: one page, the same for every environment."""

import pulumi
import pulumi_command as command
import pulumi_docker as docker

from tame_components import (
    ArrService,
    ArrServiceArgs,
    BackupJob,
    BackupJobArgs,
    GpuTranscoder,
    GpuTranscoderArgs,
    LiveTv,
    LiveTvArgs,
    MediaNetwork,
    MediaNetworkArgs,
    ObservabilityStack,
    ObservabilityStackArgs,
    RemoteAccess,
    RemoteAccessArgs,
    StackSettings,
    TameAgent,
    TameAgentArgs,
    VpnEgress,
    VpnEgressArgs,
    compose_topology,
    load_lock,
    load_secrets,
    proved,
)
from tame_components.catalog import catalog, refusals
from tame_components.domain.grouping import Part, parts
from tame_components.ops.evidence_files import exported
from tame_components.resources.proof import vouched


def compose(settings: StackSettings) -> None:
    """Declare every resource of the stack, and export what people and other stacks read.

    Raises:
        TameError: something is wrong; nothing was changed.
    """
    topology = compose_topology(settings, catalog(), refusals(), load_lock())
    secrets = load_secrets(topology)
    if not pulumi.runtime.is_dry_run():
        from tame_components.ops.preflight import preflight  # noqa: PLC0415 - a preview saves it
        from tame_components.ops.promote.held import refuse_held  # noqa: PLC0415 - same

        preflight(topology)
        refuse_held(topology)

    engine = docker.Provider("engine", host=proved(topology, settings.engine))
    proof = pulumi.ResourceOptions(depends_on=[engine])  # nothing is made before it is there
    host = command.Provider("host", opts=proof)
    ours = pulumi.ResourceOptions(providers=[engine, host])
    others = {
        name: docker.Provider(name, host=one.engine, opts=proof)
        for name, one in settings.hosts.items()
    }
    args = MediaNetworkArgs(topology=topology, secrets=secrets, engines=others)
    network = MediaNetwork("media", args, ours)
    for gateway in topology.gateways:
        VpnEgress(gateway.name, VpnEgressArgs(network=network), ours)
    made = parts(topology)
    for service in made[Part.SERVICE]:
        ArrService(service.name, ArrServiceArgs(network=network), ours)
    for service in made[Part.TRANSCODER]:
        GpuTranscoder(service.name, GpuTranscoderArgs(network=network), ours)
    if made[Part.LIVE_TV]:
        LiveTv("live-tv", LiveTvArgs(network=network), ours)
    if made[Part.OBSERVABILITY]:
        ObservabilityStack("observability", ObservabilityStackArgs(network=network), ours)
    if made[Part.REMOTE_ACCESS]:
        RemoteAccess("remote-access", RemoteAccessArgs(network=network), ours)
    if settings.backup or made[Part.BACKUP]:
        BackupJob("backup", BackupJobArgs(network=network), ours)
    if made[Part.AGENT]:
        TameAgent("agent", TameAgentArgs(network=network), ours)

    pulumi.export("environment", settings.environment.value)
    pulumi.export("links", topology.links)
    pulumi.export("release", topology.release)
    told = exported(pulumi.get_root_directory(), settings.stack)
    pulumi.export("evidence", vouched(settings.stack, told))
