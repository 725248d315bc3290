"""The same verbs against a real Docker engine, with one container of our own."""

import contextlib
import io
import shutil
import tarfile
import time
import urllib.request
import uuid
from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from tame_components.domain.lifecycle import State
from tame_components.domain.topology import Topology
from tame_components.ops.forward import forwarding, ui_address
from tame_components.ops.observe import observe
from tame_components.ops.symptoms import symptoms
from testbed.engine import ensure
from tests.harness.stacks import topology
from tests.harness.waiting import eventually


pytestmark = pytest.mark.engine

BUSYBOX = shutil.which("busybox") or "/bin/busybox"
# The real Radarr's port, a page that says who it is, and a probe that can be turned off.
_PROGRAM = (
    "mkdir -p /www && echo radarr is here > /www/index.html && touch /well;"
    " echo 'database is locked'; exec /busybox httpd -f -p 7878 -h /www"
)


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """A client of an engine that answers."""
    with contextlib.closing(docker.DockerClient(ensure().host, timeout=60)) as one:
        yield one


@pytest.fixture
def stack() -> Topology:
    """A stack of one service, with a name that nobody else has."""
    return topology(f"t{uuid.uuid4().hex[:8]}", services={"radarr": {}}, vpn=None)


@pytest.fixture
def radarr(client: docker.DockerClient, stack: Topology) -> Iterator[Container]:
    """Its container: Debian's busybox under the pin's name for this stack alone."""
    image = _image(client, stack)
    network = client.networks.create(f"{stack.stack}-net", labels={"tame.stack": stack.stack})
    one = client.containers.create(
        image,
        ["/busybox", "sh", "-c", _PROGRAM],
        name=stack.container_name("radarr"),
        labels={"tame.stack": stack.stack, "tame.service": "radarr"},
        network=network.name,
        init=True,
        healthcheck={
            "test": ["CMD", "/busybox", "test", "-e", "/well"],
            "interval": 1_000_000_000,
            "retries": 1,
        },
    )
    try:
        one.start()
        yield one
    finally:
        one.remove(force=True, v=True)
        network.remove()
        client.images.remove(image, force=True)


def _image(client: docker.DockerClient, stack: Topology) -> str:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        tar.add(BUSYBOX, "busybox")
        for name in ("bin/sh", "bin/mkdir", "bin/touch"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, "/busybox"
            tar.addfile(link)
    name = f"tame.invalid/{stack.stack}"
    client.api.import_image_from_data(content.getvalue(), repository=name, tag="1.0.0")
    return f"{name}:1.0.0"


def test_state_follows_the_container(
    client: docker.DockerClient, stack: Topology, radarr: Container
) -> None:
    """Healthy, unhealthy with its cause, stopped with its code, missing: as the engine says."""

    def state() -> State:
        return observe(stack, client.api, time.time()).services[0].state

    eventually(lambda: state() is State.HEALTHY, within=60)
    radarr.exec_run(["/busybox", "rm", "/well"])
    eventually(lambda: state() is State.UNHEALTHY, within=60)
    (found,) = symptoms(stack, observe(stack, client.api, time.time()), client.api)
    assert "database on slow or network storage" in found.cause
    radarr.kill()
    eventually(lambda: state() is State.STOPPED)
    seen = observe(stack, client.api, time.time()).services[0]
    assert seen.exit_code == 137
    assert seen.drift is not None


def test_a_ui_is_opened_without_a_published_port(
    client: docker.DockerClient, stack: Topology, radarr: Container
) -> None:
    """The page comes through loopback, and Docker publishes nothing."""
    eventually(lambda: observe(stack, client.api, time.time()).healthy, within=60)

    with forwarding(ui_address(stack, "radarr", client.api)) as port:
        page = f"http://127.0.0.1:{port}/"
        with urllib.request.urlopen(page, timeout=30) as answer:
            assert answer.read() == b"radarr is here\n"

    radarr.reload()
    assert not any(radarr.ports.values())
