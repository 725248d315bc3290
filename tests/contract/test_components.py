"""Every component honours the contract, in preview and in update."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker as docker
import pytest

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
    StackSecrets,
    TameAgent,
    TameAgentArgs,
    VpnEgress,
    VpnEgressArgs,
)
from tame_components.domain.grouping import Part, parts
from tame_components.domain.holding import secrets_of
from tame_components.domain.topology import Topology
from tame_components.resources.host_preparation import HostPreparation, HostPreparationArgs
from tests.harness import stacks
from tests.harness.recorder import Recorder, deploy


CANARY = "canary-3f9c-root-secret-of-thirty-two-characters"
GIVEN_CANARY = "canary-77aa"
URNS = Path(__file__).with_name("urns.txt")


def network() -> MediaNetwork:
    """A network for a stack with every kind of service."""
    topology = stacks.whole()
    secrets = StackSecrets(stack="test", root=CANARY, given=_given(topology))
    return MediaNetwork("media", MediaNetworkArgs(topology=topology, secrets=secrets))


def _given(topology: Topology) -> dict[str, str]:
    """A canary for each secret that a person gives, optional ones too."""
    return {
        f"{service.name}.{held.name}": f"{GIVEN_CANARY}-{service.name}-{held.name}"
        for service in topology.services
        for held in secrets_of(topology, service)
        if held.owner == service and held.original.derive == "given"
    }


def everything() -> None:
    """The whole stack, as `stacks/media.py` composes it."""
    media = network()
    for gateway in media.topology.gateways:
        VpnEgress(gateway.name, VpnEgressArgs(network=media))
    made = parts(media.topology)
    for service in made[Part.SERVICE]:
        ArrService(service.name, ArrServiceArgs(network=media))
    for service in made[Part.TRANSCODER]:
        GpuTranscoder(service.name, GpuTranscoderArgs(network=media))
    LiveTv("live-tv", LiveTvArgs(network=media))
    ObservabilityStack("observability", ObservabilityStackArgs(network=media))
    RemoteAccess("remote-access", RemoteAccessArgs(network=media))
    BackupJob("backup", BackupJobArgs(network=media))
    TameAgent("agent", TameAgentArgs(network=media))


@dataclass(frozen=True)
class Example:
    """A program that makes at least one of a component."""

    component: type[pulumi.ComponentResource]
    build: Callable[[], object]


def prepared() -> HostPreparation:
    """A host that is reached over SSH, with everything looked after."""
    over = {"host": "nas", "user": "admin"}
    topology = stacks.topology(preparation={"over": over, "prune_images": "0 4 * * 0"})
    secrets = StackSecrets(stack="test", root=CANARY, given={"host.ssh-key": GIVEN_CANARY})
    return HostPreparation("host", HostPreparationArgs(topology=topology, secrets=secrets))


EXAMPLES = [
    Example(MediaNetwork, network),
    Example(ArrService, lambda: ArrService("radarr", ArrServiceArgs(network=network()))),
    Example(HostPreparation, prepared),
    Example(VpnEgress, lambda: VpnEgress("gluetun", VpnEgressArgs(network=network()))),
    Example(GpuTranscoder, lambda: GpuTranscoder("plex", GpuTranscoderArgs(network=network()))),
    Example(LiveTv, lambda: LiveTv("live-tv", LiveTvArgs(network=network()))),
    Example(
        ObservabilityStack,
        lambda: ObservabilityStack("observability", ObservabilityStackArgs(network=network())),
    ),
    Example(RemoteAccess, lambda: RemoteAccess("access", RemoteAccessArgs(network=network()))),
    Example(BackupJob, lambda: BackupJob("backup", BackupJobArgs(network=network()))),
    Example(TameAgent, lambda: TameAgent("agent", TameAgentArgs(network=network()))),
]


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.component.__name__)
def test_every_component_honours_the_contract(example: Example, *, preview: bool) -> None:
    """Token, parentage, registered outputs and secrets are right, before and after deployment."""
    recorder = deploy(example.build, preview=preview)
    types = {request.type for request in recorder.requests.values()}
    outputs = recorder.outputs_of(example.component)

    assert f"tame:index:{example.component.__name__}" in types
    assert recorder.orphans() == []
    assert outputs
    for registered in outputs.values():
        assert registered == set(example.component.__annotations__)
    assert recorder.plain_occurrences_of("canary") == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.component.__name__)
def test_every_output_is_documented(example: Example) -> None:
    """A reader of a component's code finds a sentence under each output."""
    import ast
    import inspect

    tree = ast.parse(inspect.getsource(example.component)).body[0]
    assert isinstance(tree, ast.ClassDef)
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.AnnAssign):
            following = tree.body[index + 1]
            assert isinstance(following, ast.Expr), ast.unparse(node)


def test_names_of_resources_are_a_contract(request: pytest.FixtureRequest) -> None:
    """A changed URN replaces a resource: it needs an alias in the same commit."""
    actual = "\n".join(deploy(everything).urns()) + "\n"
    if request.config.getoption("--update-snapshots"):
        URNS.write_text(actual)

    assert actual == URNS.read_text()


def test_two_runs_register_equal_inputs() -> None:
    """A program that says something else each time never comes to rest."""
    first, second = deploy(everything), deploy(everything)

    assert _objects(first) == _objects(second)


def _objects(recorder: Recorder) -> dict[str, bytes]:
    return {
        urn: request.object.SerializeToString(deterministic=True)
        for urn, request in recorder.requests.items()
    }


def test_the_harness_sees_a_leak() -> None:
    """A secret that is given as plain text is found."""
    recorder = deploy(lambda: docker.Container("x", image="y", envs=[f"K={CANARY}"]))

    assert len(recorder.plain_occurrences_of(CANARY)) == 1
    assert len(recorder.orphans()) == 1


def test_the_harness_sees_a_collision() -> None:
    """Two resources with one URN are refused, as the engine would."""

    class Bad(pulumi.ComponentResource):
        def __init__(self, name: str) -> None:
            super().__init__("tame:index:Bad", name, {}, None)
            docker.Network("bridge", opts=pulumi.ResourceOptions(parent=self))
            self.register_outputs({})

    with pytest.raises(AssertionError, match="two resources share the URN"):
        deploy(lambda: (Bad("a"), Bad("b")))


def test_the_harness_sees_an_empty_program() -> None:
    """A program that makes nothing proves nothing (pitfall P6)."""
    with pytest.raises(AssertionError, match="registered nothing"):
        deploy(lambda: None)


def test_an_output_in_an_f_string_raises() -> None:
    """The mistake of pitfall P20 cannot hide."""
    with pytest.raises(Exception, match="__str__"):
        deploy(lambda: docker.Network(f"n-{docker.Network('m').name}"))
