"""The engine, the images, and the stacks that the scenarios share."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from testbed.dev import with_tunnel
from testbed.engine import ensure
from testbed.images import build
from testbed.vpn import provider as vpn
from tests.harness import rehearsal
from tests.harness.rehearsal import Rehearsal


CLIENT = f"tests-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""Of the VPN provider: two tunnels with one key would take each other's packets."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this directory is end to end."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def engine() -> str:
    """The host of a Docker engine that has the stand-in images."""
    host = ensure().host
    build(host)
    return host


@pytest.fixture(scope="session")
def client(engine: str) -> Iterator[docker.DockerClient]:
    """A client of that engine."""
    with contextlib.closing(docker.DockerClient(engine, timeout=60)) as one:
        yield one


Make = Callable[..., Rehearsal]


def _maker(directory: Path, client: docker.DockerClient, engine: str) -> Iterator[Make]:
    made: list[Rehearsal] = []

    def make(*services: str, tunnel: bool = False, **settings: Any) -> Rehearsal:
        wanted: dict[str, Any] = {name: {} for name in services} | settings.pop("services", {})
        given = dict(settings.pop("given", {}))
        if tunnel:
            provider = vpn.ensure(engine, client=CLIENT)
            changed = with_tunnel({"services": wanted}, provider)
            wanted, settings["vpn"] = changed["services"], changed["vpn"]
            given["secrets.gluetun.wireguard_private_key"] = provider.client_private_key
        place = directory / f"stack-{len(made)}"
        place.mkdir()
        one = rehearsal.make(place, client, engine, wanted, given, **settings)
        made.append(one)
        return one

    yield make
    for one in made:
        one.remove()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def make(tmp_path: Path, client: docker.DockerClient, engine: str) -> Iterator[Make]:
    """Lays out stacks for one test and takes their containers away after it."""
    yield from _maker(tmp_path, client, engine)


@pytest.fixture(scope="module")
def make_shared(
    tmp_path_factory: pytest.TempPathFactory, client: docker.DockerClient, engine: str
) -> Iterator[Make]:
    """The same, for a stack that the tests of one module share."""
    yield from _maker(tmp_path_factory.mktemp("shared"), client, engine)
