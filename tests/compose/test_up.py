"""A rendered stack comes up with Docker Compose alone."""

import contextlib
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from bench.composer import Composer, installed
from tame_components.compose.contents import keys_of
from tame_components.compose.render import render
from tame_components.compose.writing import write
from tame_components.domain.paths import MARKER
from tame_components.domain.rendering import owner_of, state_directory
from tame_components.domain.topology import Topology
from testbed.engine import ensure
from testbed.images import build
from tests.harness import stacks


pytestmark = pytest.mark.engine

SERVICES = ("dozzle", "prowlarr", "socket-proxy")
"""A secret in a file, a private network, a user of its own; no tunnel."""

_PROGRAM = "print(open('/run/secrets/api-key').read(), end='')"
READ = ("exec", "-T", "prowlarr", "/opt/stand-in/bin/python3", "-c", _PROGRAM)
"""Says the key as the container has it; the stand-ins have no other program."""

ROOT_SECRET = "root-secret-0123456789-0123456789-0123"  # noqa: S105 - of a rehearsal


@pytest.fixture(scope="module")
def composer() -> Composer:
    """A `docker compose` that is here already."""
    found = installed()
    if found is None or not found.waits:
        pytest.skip("no `docker compose` 2: `python -m bench` builds one, where Go is")
    return found


@pytest.fixture
def topology(tmp_path: Path) -> Topology:
    """A small rehearsal on the engine of the test bed, with its directories."""
    host = ensure().host
    build(host, SERVICES)
    found = stacks.only(
        *SERVICES,
        stack=f"t{secrets.token_hex(3)}",
        rehearsal=True,
        engine=host,
        vpn=None,
        data={"root": str(tmp_path / "data")},
        config_root=str(tmp_path / "config"),
        identity={"docker_gid": Path(host.removeprefix("unix://")).stat().st_gid},
        probe_interval=10,  # also how long a probe may take, on a machine that is busy with tests
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / MARKER).touch()
    for service in found.services:  # what the readme of the file asks for
        if directory := state_directory(found, service):
            uid, _, gid = owner_of(found, service).partition(":")
            Path(directory).mkdir(parents=True)
            os.chown(directory, int(uid), int(gid))
    return found


class Stack:
    """What Compose made of a rendered directory."""

    def __init__(self, composer: Composer, directory: Path, topology: Topology) -> None:
        self._composer, self._directory = composer, directory
        self._env = {**os.environ, "DOCKER_HOST": topology.settings.engine}

    def compose(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Compose beside the file."""
        return subprocess.run(
            [*self._composer.command, *words],
            cwd=self._directory,
            env={**self._env, **variables},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def stack(composer: Composer, tmp_path: Path, topology: Topology) -> Iterator[Stack]:
    """Takes away whatever came up."""
    one = Stack(composer, tmp_path / "out", topology)
    (tmp_path / "out").mkdir()
    yield one
    with contextlib.closing(docker.DockerClient(topology.settings.engine)) as client:
        label: dict[str, str | list[str] | bool] = {"label": f"tame.stack={topology.stack}"}
        for container in client.containers.list(all=True, filters=label):
            container.remove(force=True, v=True)
        for network in client.networks.list(filters=label):
            network.remove()


def test_it_comes_up_healthy_with_the_keys_it_had(
    tmp_path: Path, topology: Topology, stack: Stack
) -> None:
    """`docker compose up --wait` is enough, and a file of secrets reaches its reader."""
    keys = keys_of(topology, ROOT_SECRET, {})
    write(tmp_path / "out", render(topology, keys))

    done = stack.compose("up", "--detach", "--wait", "--wait-timeout", "120")

    assert done.returncode == 0, done.stderr
    assert stack.compose(*READ).stdout == keys["prowlarr-api-key"]
    alive = stack.compose("ps", "--status", "running", "--services").stdout.split()
    assert sorted(alive) == sorted(SERVICES)


def test_without_secrets_it_starts_with_what_is_set(
    tmp_path: Path, topology: Topology, stack: Stack
) -> None:
    """Compose refuses to start without the key, and starts with it."""
    rendered = render(topology, None)
    write(tmp_path / "out", rendered)

    refused = stack.compose("up", "--detach", "prowlarr")
    done = stack.compose("up", "--detach", "--wait", "prowlarr", PROWLARR_API_KEY="k" * 32)
    told = stack.compose(*READ, PROWLARR_API_KEY="any")

    assert rendered.variables == ("PROWLARR_API_KEY",)
    assert refused.returncode != 0
    assert "PROWLARR_API_KEY" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert told.stdout == "k" * 32
