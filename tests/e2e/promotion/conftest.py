"""The promotions need one application, in many releases, out of a real registry."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docker
import docker.errors
import pytest

from testbed.engine import ensure
from testbed.images import build
from testbed.registry import Registry
from tests.e2e.conftest import Make
from tests.e2e.promotion.prod import Prod


@pytest.fixture(scope="session")
def engine() -> str:
    """The host of a Docker engine that has the stand-in of Prowlarr."""
    host = ensure().host
    build(host, ["prowlarr"])
    return host


@dataclass
class Shelf:
    """Releases of Prowlarr in a registry; the engine has to pull them."""

    host: str
    registry: Registry
    client: docker.DockerClient
    # Tests share the engine: nobody else's releases have these numbers.
    family: int = field(default_factory=lambda: 10_000 + secrets.randbelow(80_000))
    made: list[str] = field(default_factory=list)

    def release(self, fault: str = "") -> str:
        """A new release that misbehaves by *fault*; its reference, by tag and digest."""
        tag = f"2.{self.family}.{len(self.made) + 1}.1-ls1"
        (built,) = build(self.host, ["prowlarr"], tag=tag, fault=fault)
        digest = self.registry.push(self.host, built, "prowlarr", tag)
        reference = f"{self.registry.address}/prowlarr:{tag}@{digest}"
        self.made.append(reference)
        for name in (built, f"{self.registry.address}/prowlarr:{tag}", reference):
            self.forget(name)
        return reference

    def forget(self, name: str) -> None:
        """Take the image *name* from the engine; the registry keeps it."""
        with contextlib.suppress(docker.errors.APIError):
            self.client.images.remove(name, force=True)


@contextlib.contextmanager
def shelf_in(place: Path, host: str, client: docker.DockerClient) -> Iterator[Shelf]:
    """A registry in the directory *place*, and releases in it; both go at the end."""
    with Registry(place) as registry:
        one = Shelf(host, registry, client)
        yield one
    for name in one.made:
        one.forget(name)


@pytest.fixture(scope="module")
def shelf(
    engine: str, client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shelf]:
    """Releases in a registry of their own."""
    with shelf_in(tmp_path_factory.mktemp("registry"), engine, client) as one:
        yield one


@pytest.fixture(scope="module")
def prod(make_shared: Make, shelf: Shelf) -> Prod:
    """A stack that runs a proved release, with a row; every scenario leaves it whole."""
    stack = make_shared(services={"prowlarr": {"image": shelf.release()}}, wait_timeout=20)
    one = Prod(stack)
    one.deploy()
    return one
