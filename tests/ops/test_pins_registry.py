"""A lock made from a real registry: what it holds is what the engine can pull."""

from pathlib import Path

import docker
import pytest

from tame_components.catalog import catalog
from tame_components.domain.compose import compose_topology
from tame_components.domain.lock import read_lock
from tame_components.domain.registry import RegistrySettings
from tame_components.ops.pins.moving import lock_after, moves
from tame_components.ops.pins.registry import Registries
from tame_components.ops.pins.write import locked, write
from testbed import engine, images
from testbed.registry import Registry
from tests.harness import stacks


pytestmark = pytest.mark.engine


def test_a_lock_from_a_registry_is_what_the_engine_pulls(tmp_path: Path) -> None:
    """The digest that production asks for is the one that the registry serves and Docker checks."""
    host = engine.ensure().host
    pin = catalog()["radarr"].image
    newer = "99.1.2.3-ls400"
    images.build(host, ["radarr"])
    with Registry(tmp_path / "registry") as registry:
        name = f"tame.invalid/radarr:{pin.tag}"
        pushed = {
            tag: registry.push(host, name, "radarr", tag) for tag in (pin.tag, newer, "latest")
        }
        mirrors = RegistrySettings(mirrors={"tame.invalid": f"http://{registry.address}"})
        settings = stacks.settings(services={"radarr": {}}, vpn=None, rehearsal=True)
        topology = compose_topology(settings, catalog())
        with Registries(mirrors) as registries:
            write(tmp_path, "test", locked(tmp_path, topology, registries))
            moving = moves(tmp_path, [topology], registries)
            lock = lock_after(tmp_path, "test", moving)

        assert read_lock(tmp_path, "test").images == {name: pushed[pin.tag]}
        assert [one.pin.newest for one in moving] == [newer]
        assert lock.images == {f"tame.invalid/radarr:{newer}": pushed[newer]}
        assert lock.pins == {"radarr": f"{pin.repository}:{newer}"}

        client = docker.DockerClient(host)
        image = client.images.pull(f"{registry.address}/radarr@{pushed[newer]}")
        assert image.labels["tame.stand-in"] == "radarr"
        for reference in image.attrs["RepoDigests"]:
            if reference.startswith(registry.address):
                client.images.remove(reference)
        client.close()
