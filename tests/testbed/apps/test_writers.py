"""Recyclarr and Kometa in containers, with what the stack tells them: they find whom they need."""

from pathlib import Path
from typing import Any

import pytest
from docker.models.containers import Container

from tame_components.domain.holding import secrets_of
from tame_components.domain.rendering import container_of
from tame_components.domain.topology import Topology
from tame_components.generated import files_of
from testbed.images import build
from tests.harness import stacks
from tests.harness.waiting import eventually
from tests.testbed.apps.ship import Ship, run_in


pytestmark = pytest.mark.engine

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module", autouse=True)
def _images(host: str) -> None:
    build(host, ["radarr", "recyclarr", "kometa"])


def stack() -> Topology:
    """Both writers, and one to write into."""
    quality = {"hd": {"template": "radarr-quality-profile-hd-bluray-web", "service": "radarr"}}
    libraries = {"movies": {"kind": "movies", "folder": "media/movies"}}
    return stacks.topology(
        services={"radarr": {}, "recyclarr": {}, "kometa": {}},
        pipeline={"quality": quality, "libraries": libraries},
    )


def radarr(ship: Ship) -> Container:
    """One that answers to its name in the stack, with a key of the stack's."""
    told = {"RADARR__AUTH__APIKEY": KEY}
    container = ship.run("radarr", environment=told)
    ship.network.disconnect(container)
    ship.network.connect(container, aliases=["radarr"])
    eventually(lambda: run_in(container, "curl", "-fsS", "http://127.0.0.1:7878/ping")[0] == 0)
    return container


def run(ship: Ship, name: str, key: str, **more: Any) -> tuple[int, str]:
    """One run of *name*, made as the stack makes it; its exit code and what it said."""
    topology = stack()
    service = topology.service(name)
    fact = container_of(topology, service)
    secret = {held.secret.variable or "": key for held in secrets_of(topology, service)}
    files = {one.path: one.content.encode() for one in files_of(topology, service)}
    environment = {**fact.environment, **secret}
    container = ship.run(name, *fact.command, files=files, environment=environment, **more)
    code = int(container.wait(timeout=30)["StatusCode"])
    return code, container.logs().decode()


def test_recyclarr_reaches_each_instance_with_its_key(ship: Ship) -> None:
    """The derived address and the key by reference hold; with another key it says so and fails."""
    radarr(ship)

    code, said = run(ship, "recyclarr", KEY)
    assert "would write radarr-quality-profile-hd-bluray-web" in said
    assert code == 0

    code, said = run(ship, "recyclarr", "wrong")
    assert "401" in said
    assert code == 1


def test_kometa_finds_its_file_beside_a_persons(ship: Ship, tmp_path: Path) -> None:
    """The file lands in the mounted state, where a person's own stays; the key opens Radarr."""
    radarr(ship)
    own = tmp_path / "config.yml"
    own.write_text("# mine\n")
    tmp_path.chmod(0o777)

    code, said = run(ship, "kometa", KEY, volumes=[f"{tmp_path}:/config"])

    assert code == 0, said
    assert "libraries: movies" in said
    assert "radarr: http://radarr:7878 answers" in said
    assert own.read_text() == "# mine\n"
    assert (tmp_path / "tame.yml").exists()
