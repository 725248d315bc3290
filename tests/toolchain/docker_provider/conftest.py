"""A Docker engine, a tiny stand-in image, and the plugin as Pulumi's engine runs it."""

import io
import os
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from docker.api.client import APIClient
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from testbed.engine import PRIVATE, find
from testbed.toolchain.protocol import plain, struct


# Tests run in parallel, and each worker takes its images away at its end.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "1")
IMAGE = f"tame.invalid/provider-test:{WORKER}"
REAL = f"tame.invalid/provider-test-real:{WORKER}"
DOCKERFILE = b"FROM scratch\nCOPY busybox /bin/busybox\nENV BROUGHT=by-the-image\n"
LABELLED = b"LABEL tame.stand-in=test\n"
RUNS = ["/bin/busybox", "sleep", "600"]
TOKENS = {
    "Container": "docker:index/container:Container",
    "Network": "docker:index/network:Network",
    "Volume": "docker:index/volume:Volume",
    "RemoteImage": "docker:index/remoteImage:RemoteImage",
}


class Failure(Exception):
    """A call that ended with an error, and what it says was made nevertheless."""

    def __init__(self, text: str, made: provider_pb2.ErrorResourceInitFailed | None) -> None:
        super().__init__(text)
        self.text = text
        self.made = made


class Resource:
    """One resource, driven as Pulumi's engine drives it."""

    def __init__(self, stub: provider_pb2_grpc.ResourceProviderStub, kind: str) -> None:
        self.stub = stub
        self.urn = f"urn:pulumi:test::test::{TOKENS[kind]}::x"
        self.id = ""
        self.state: dict[str, Any] = {}
        self.inputs: dict[str, Any] = {}

    def check(self, **news: object) -> struct_pb2.Struct:
        """The inputs with defaults; raises `Failure` with every reason."""
        answer = self.stub.Check(provider_pb2.CheckRequest(urn=self.urn, news=struct(news)))
        if answer.failures:
            raise Failure("\n".join(failure.reason for failure in answer.failures), None)
        checked: struct_pb2.Struct = answer.inputs
        self.inputs = plain(checked)
        return checked

    def create(self, **news: object) -> dict[str, Any]:
        """Check and make it; its state."""
        request = provider_pb2.CreateRequest(urn=self.urn, properties=self.check(**news))
        try:
            made = self.stub.Create(request)
        except grpc.RpcError as error:
            failure = _failure(error)
            if failure.made is not None:
                self.id, self.state = failure.made.id, plain(failure.made.properties)
            raise failure from None
        self.id, self.state = made.id, plain(made.properties)
        return self.state

    def diff(self, **news: object) -> provider_pb2.DiffResponse:
        """What the inputs would change."""
        answer: provider_pb2.DiffResponse = self.stub.Diff(
            provider_pb2.DiffRequest(
                id=self.id, urn=self.urn, olds=struct(self.state), news=self.check(**news)
            )
        )
        return answer

    def update(self, **news: object) -> dict[str, Any]:
        """Change it in place; its state."""
        request = provider_pb2.UpdateRequest(
            id=self.id, urn=self.urn, olds=struct(self.state), news=self.check(**news)
        )
        try:
            self.state = plain(self.stub.Update(request).properties)
        except grpc.RpcError as error:
            raise _failure(error) from None
        return self.state

    def read(self) -> bool:
        """Refresh; whether it is still there."""
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                id=self.id,
                urn=self.urn,
                properties=struct(self.state),
                inputs=struct(self.inputs),
            )
        )
        self.state = plain(answer.properties)
        return bool(answer.id)

    def delete(self) -> None:
        """Remove it."""
        request = provider_pb2.DeleteRequest(
            id=self.id, urn=self.urn, properties=struct(self.state)
        )
        try:
            self.stub.Delete(request)
        except grpc.RpcError as error:
            raise _failure(error) from None


def _failure(error: Any) -> Failure:
    made = None
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            made = provider_pb2.ErrorResourceInitFailed()
            assert status.details[0].Unpack(made)
    return Failure(str(error.details()), made)


@pytest.fixture(scope="session")
def host() -> str:
    engine = find(PRIVATE)
    if engine is None:
        pytest.skip("no Docker engine; start one with `python -m testbed.engine ensure`")
    return engine.host


@pytest.fixture(scope="session")
def api(host: str) -> Iterator[APIClient]:
    client = APIClient(base_url=host)
    _build(client, IMAGE, DOCKERFILE + LABELLED)
    _build(client, REAL, DOCKERFILE)
    yield client
    for image in (IMAGE, REAL):
        client.remove_image(image, force=True)
    client.close()


def _build(client: APIClient, tag: str, dockerfile: bytes) -> None:
    busybox = Path("/bin/busybox")
    if not busybox.exists():
        pytest.skip("no /bin/busybox to make an image of; install busybox-static")
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        tar.add(busybox, "busybox")
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        tar.addfile(entry, io.BytesIO(dockerfile))
    context.seek(0)
    # A cached step is an image that another test may take away meanwhile.
    told = client.build(
        fileobj=context, custom_context=True, tag=tag, rm=True, nocache=True, decode=True
    )
    for line in told:
        assert "error" not in line, line


@pytest.fixture(scope="session")
def stub(host: str) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The plugin as a process of its own."""
    command = [sys.executable, "-m", "testbed.toolchain.docker_provider", "127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            plugin = provider_pb2_grpc.ResourceProviderStub(channel)
            plugin.Configure(provider_pb2.ConfigureRequest(args=struct({"host": host})))
            yield plugin
        process.terminate()
        assert process.wait(60) == 0


@pytest.fixture
def name() -> str:
    """A name that nothing else has."""
    return f"tame-provider-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def container(
    stub: provider_pb2_grpc.ResourceProviderStub, api: APIClient, name: str
) -> Iterator[Resource]:
    yield Resource(stub, "Container")
    for found in api.containers(all=True, filters={"name": name}):
        api.remove_container(found["Id"], v=True, force=True)


@pytest.fixture
def network(
    stub: provider_pb2_grpc.ResourceProviderStub, api: APIClient, name: str
) -> Iterator[Resource]:
    yield Resource(stub, "Network")
    for found in api.networks(names=[name]):
        api.remove_network(found["Id"])
