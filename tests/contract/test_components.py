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
    MediaNetwork,
    MediaNetworkArgs,
    StackSecrets,
    VpnEgress,
    VpnEgressArgs,
)
from tests.harness import stacks
from tests.harness.recorder import Recorder, deploy


CANARY = "canary-3f9c-root-secret-of-thirty-two-characters"
VPN_CANARY = "canary-77aa-wireguard-key"
URNS = Path(__file__).with_name("urns.txt")


def network() -> MediaNetwork:
    """A network for a stack with every kind of service."""
    secrets = StackSecrets(
        stack="test", root=CANARY, given={"gluetun.wireguard_private_key": VPN_CANARY}
    )
    return MediaNetwork("media", MediaNetworkArgs(topology=stacks.topology(), secrets=secrets))


def everything() -> None:
    """The whole stack, as `stacks/media.py` composes it."""
    media = network()
    for gateway in media.topology.gateways:
        VpnEgress(gateway.name, VpnEgressArgs(network=media))
    for service in media.topology.direct:
        ArrService(service.name, ArrServiceArgs(network=media))


@dataclass(frozen=True)
class Example:
    """A program that makes at least one of a component."""

    component: type[pulumi.ComponentResource]
    build: Callable[[], object]


EXAMPLES = [
    Example(MediaNetwork, network),
    Example(ArrService, lambda: ArrService("radarr", ArrServiceArgs(network=network()))),
    Example(VpnEgress, lambda: VpnEgress("gluetun", VpnEgressArgs(network=network()))),
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
