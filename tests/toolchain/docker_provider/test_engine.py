"""The four resources on a real Docker engine."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from docker.api.client import APIClient
from pulumi.runtime.proto import provider_pb2_grpc

from tame_components.domain.errors import EngineUnreachable
from testbed.toolchain.docker_provider.engine import Engine
from tests.harness.vacant import free_subnet
from tests.toolchain.docker_provider.conftest import IMAGE, REAL, RUNS, Failure, Resource


pytestmark = pytest.mark.engine

OWN = {"networkMode": "none"}
"""Most tests need no network, least of all the engine's common one."""

RECORDED = json.loads(
    (Path(__file__).parents[1] / "recordings" / "docker-plugin-5.1.json").read_text()
)["state"]
HEALTHY = {"tests": ["CMD", "/bin/busybox", "true"], "interval": "1s", "timeout": "1s"}


def recorded_outputs(token: str) -> dict[str, Any]:
    entry = next(one for one in RECORDED if one["type"] == token and one["urn"].endswith("::x"))
    return {
        key: value for key, value in entry["outputs"].items() if key != "__pulumi_raw_state_delta"
    }


def test_state_of_a_container_has_the_recorded_shape(
    container: Resource, network: Resource, name: str
) -> None:
    """Every recorded key is there, and every value that does not name this container is the same.

    So the official plugin can take the state over.
    """
    network.create(name=name)
    state = container.create(
        name=name,
        image=IMAGE,
        command=RUNS,
        envs=["A=1"],
        labels=[{"label": "tame.stack", "value": "dev"}],
        mustRun=True,
        restart="unless-stopped",
        networksAdvanced=[{"name": name, "aliases": ["x"]}],
        volumes=[{"containerPath": "/config", "volumeName": name}],
    )
    recorded = recorded_outputs("docker:index/container:Container")
    assert state.keys() == recorded.keys()
    own = {"id", "name", "hostname", "image", "command", "entrypoints", "networkDatas"}
    named = {"networksAdvanced", "volumes"}
    same = recorded.keys() - own - named
    assert {key: state[key] for key in same} == {key: recorded[key] for key in same}
    assert state["networksAdvanced"] == [recorded["networksAdvanced"][0] | {"name": name}]
    assert state["volumes"] == [recorded["volumes"][0] | {"volumeName": name}]
    assert state["networkDatas"][0].keys() == recorded["networkDatas"][0].keys()
    container.delete()
    remove_volume(container, name)


def image_id(api: APIClient) -> str:
    return str(api.inspect_image(IMAGE)["Id"])  # type: ignore[no-untyped-call] # stubs leave it open


def remove_volume(resource: Resource, name: str) -> None:
    volume = Resource(resource.stub, "Volume")
    volume.id = name
    volume.delete()


def test_networks_and_volumes(
    network: Resource, stub: provider_pb2_grpc.ResourceProviderStub, api: APIClient, name: str
) -> None:
    """A network and a volume are as asked for, read back without a difference, and go."""
    labels, subnet = [{"label": "a", "value": "b"}], str(free_subnet())
    wanted = {
        "name": name,
        "driver": "bridge",
        "labels": labels,
        "internal": True,
        "ipamConfigs": [{"subnet": subnet}],
        "options": {"com.docker.network.bridge.enable_icc": "false"},
    }
    state = network.create(**wanted)
    assert state.keys() == recorded_outputs("docker:index/network:Network").keys()
    shown = api.inspect_network(name)
    assert shown["Internal"]
    assert shown["IPAM"]["Config"][0]["Subnet"] == subnet
    assert network.read()
    assert not network.diff(**wanted).diffs
    network.delete()
    assert not network.read()

    volume = Resource(stub, "Volume")
    state = volume.create(name=name, labels=labels)
    assert state.keys() == recorded_outputs("docker:index/volume:Volume").keys()
    assert volume.read()
    assert not volume.diff(name=name, labels=labels).diffs
    volume.delete()
    assert not volume.read()


def test_remote_image(stub: provider_pb2_grpc.ResourceProviderStub, api: APIClient) -> None:
    """An image that is here is taken; with `keepLocally` it stays."""
    image = Resource(stub, "RemoteImage")
    state = image.create(name=IMAGE, keepLocally=True)
    assert state["imageId"] == image_id(api)
    assert state["id"] == state["imageId"] + IMAGE
    assert image.read()
    assert not image.diff(name=IMAGE, keepLocally=True).diffs
    image.delete()
    assert image_id(api)


@pytest.mark.parametrize("kind", ["Container", "RemoteImage"])
def test_a_real_image_is_refused(
    kind: str, stub: provider_pb2_grpc.ResourceProviderStub, api: APIClient, name: str
) -> None:
    """Nothing without the label `tame.stand-in` is ever run: rehearsals only."""
    resource = Resource(stub, kind)
    inputs = {"name": name, "image": REAL} if kind == "Container" else {"name": REAL}
    with pytest.raises(Failure) as failure:
        resource.create(**inputs)
    assert "TAME753" in failure.value.text
    assert failure.value.made is None
    assert not api.containers(all=True, filters={"name": name})


def test_must_run_brings_a_stopped_container_back(
    container: Resource, api: APIClient, name: str
) -> None:
    """A container stopped by hand reads as `mustRun: false`, and the update starts it again."""
    wanted: dict[str, Any] = {"name": name, "image": IMAGE, "command": RUNS, **OWN}
    container.create(**wanted)
    api.stop(name, timeout=0)
    assert container.read()
    assert container.state["mustRun"] is False
    assert list(container.diff(**wanted).diffs) == ["mustRun"]
    container.update(**wanted)
    assert api.inspect_container(name)["State"]["Running"]
    assert container.read()
    assert not container.diff(**wanted).diffs


def test_drift(container: Resource, api: APIClient, name: str) -> None:
    """A limit changed by hand is a difference; a removed container is gone."""
    wanted: dict[str, Any] = {
        "name": name,
        "image": IMAGE,
        "command": RUNS,
        **OWN,
        "cpuShares": 100,
    }
    container.create(**wanted)
    api.update_container(name, cpu_shares=200)
    assert container.read()
    assert list(container.diff(**wanted).diffs) == ["cpuShares"]
    container.update(**wanted)
    assert api.inspect_container(name)["HostConfig"]["CpuShares"] == 100
    api.remove_container(name, force=True)
    assert not container.read()


def test_in_place_updates_that_are_none(container: Resource, api: APIClient, name: str) -> None:
    """`healthcheck`, `init` and `tmpfs` are announced, reported as done, and not changed.

    Measured on the official plugin. A stand-in that did better would hide it.
    """
    wanted: dict[str, Any] = {"name": name, "image": IMAGE, "command": RUNS, **OWN}
    container.create(**wanted)
    before = api.inspect_container(name)
    changed = wanted | {"healthcheck": HEALTHY, "init": True, "tmpfs": {"/scratch": "size=1m"}}
    answer = container.diff(**changed)
    assert set(answer.diffs) == {"healthcheck", "init", "tmpfs"}
    assert not answer.replaces
    container.update(**changed)
    after = api.inspect_container(name)
    assert after["Id"] == before["Id"]
    assert after["HostConfig"] == before["HostConfig"]
    assert after["Config"] == before["Config"]
    assert not container.diff(**changed).diffs


def test_waiting_for_health(container: Resource, api: APIClient, name: str) -> None:
    """`wait` returns once the container is healthy, not before."""
    container.create(
        name=name,
        image=IMAGE,
        command=RUNS,
        wait=True,
        waitTimeout=120,
        healthcheck=HEALTHY,
        **OWN,
    )
    assert api.inspect_container(name)["State"]["Health"]["Status"] == "healthy"


FAILING: dict[str, tuple[dict[str, Any], str]] = {
    "never healthy": (
        {
            "wait": True,
            "waitTimeout": 2,
            "healthcheck": {"tests": ["CMD", "/nope"], "interval": "1s", "retries": 1},
        },
        "container failed to be in healthy state",
    ),
    "cannot start": (
        {"command": ["/nope"]},
        "Unable to start container: Error response from daemon",
    ),
    "wait without healthcheck": (
        {"wait": True},
        "you have supplied a 'wait' argument, but the container does not have a healthcheck",
    ),
    "no such network": (
        {"networksAdvanced": [{"name": "tame-no-such-network"}]},
        "Unable to start container: Error response from daemon: network tame-no-such-network",
    ),
    "upload without content": (
        {"uploads": [{"file": "/a"}]},
        "error with upload content: one of 'content', 'content_base64', or 'source' must be set",
    ),
}


@pytest.mark.parametrize("case", FAILING)
def test_half_made(case: str, container: Resource, api: APIClient, name: str) -> None:
    """What fails late leaves the container in the state; the next preview replaces it."""
    extra, text = FAILING[case]
    wanted = {"name": name, "image": IMAGE, "command": RUNS, **OWN, **extra}
    with pytest.raises(Failure) as failure:
        container.create(**wanted)
    made = failure.value.made
    assert made is not None
    assert made.id == api.inspect_container(name)["Id"]
    (reason,) = made.reasons
    begins = f"creating {container.urn}: 1 error occurred:\n\t* {text}"
    assert reason.startswith(begins)
    assert reason.endswith("\n\n")
    assert text in failure.value.text
    assert list(container.diff(**wanted).replaces) == ["entrypoints"]
    container.delete()
    assert not api.containers(all=True, filters={"name": name})


def test_image_missing(container: Resource, name: str) -> None:
    """Without an image nothing is made, and the text is the recorded one."""
    with pytest.raises(Failure) as failure:
        container.create(name=name, image="tame.invalid/none:9.9")
    assert failure.value.made is None
    assert (
        "Unable to create container with image tame.invalid/none:9.9: unable to pull image "
        "tame.invalid/none:9.9: error pulling image tame.invalid/none:9.9: Error response from "
        "daemon: " in failure.value.text
    )


def test_a_secret_never_enters_an_error(container: Resource, name: str) -> None:
    """An error that the engine builds from the environment is printed without its values."""
    with pytest.raises(Failure) as failure:
        container.create(
            name=name,
            image=IMAGE,
            command=["/nope/hunter2-hunter2"],
            envs=["PASSWORD=/nope/hunter2-hunter2"],
        )
    assert "hunter2" not in failure.value.text
    assert failure.value.made is not None
    assert not any("hunter2" in reason for reason in failure.value.made.reasons)


def test_destroy_grace(container: Resource, api: APIClient, name: str) -> None:
    """`destroyGraceSeconds` lets a container end by itself; without it, it is killed at once."""
    script = "trap 'exit 0' TERM; /bin/busybox sleep 600 & wait"
    container.create(
        name=name,
        image=IMAGE,
        command=["/bin/busybox", "sh", "-c", script],
        destroyGraceSeconds=20,
        **OWN,
    )
    since = int(time.time()) - 1
    container.delete()
    until = int(time.time()) + 1
    events = api.events(since=since, until=until, filters={"container": name}, decode=True)
    codes = [one["Actor"]["Attributes"]["exitCode"] for one in events if one["Action"] == "die"]
    assert codes == ["0"]


def test_engine_gone(closed_port: int) -> None:
    """An engine that does not answer is one clear error, not a vanished resource."""
    engine = Engine(f"tcp://127.0.0.1:{closed_port}")
    with pytest.raises(EngineUnreachable):
        engine.find("container", "x")


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
