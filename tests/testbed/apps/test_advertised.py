"""Addresses for players, in containers: what init and seed make of the stack's variables."""

import re

import pytest
from docker.models.containers import Container

from tame_components.domain.rendering import container_of
from testbed.images import build
from tests.harness import stacks
from tests.harness.waiting import eventually
from tests.testbed.apps.ship import Ship, run_in, seeds


pytestmark = pytest.mark.engine

FILE = "/config/Library/Application Support/Plex Media Server/Preferences.xml"
LAN = "http://192.168.1.10:32400"


@pytest.fixture(scope="module", autouse=True)
def _images(host: str) -> None:
    build(host, ["plex", "jellyfin"])


def environment(service: str) -> dict[str, str]:
    """As the stack's settings make it."""
    exposure = {"user_address": "192.168.1.10"}
    topology = stacks.topology(services={service: {}}, exposure=exposure)
    return container_of(topology, topology.service(service)).environment


def customs(container: Container) -> list[str]:
    """What Plex's own file says of where it is."""
    text = run_in(container, "cat", FILE)[1]
    return re.findall(r'customConnections="([^"]*)"', text)


def well(container: Container) -> bool:
    """Whether Plex answers."""
    return run_in(container, "curl", "-fsS", "http://127.0.0.1:32400/identity")[0] == 0


def test_plex_starts_with_its_addresses_and_keeps_a_persons(ship: Ship) -> None:
    """The script runs as root in the image, before the service; a change by hand outlives it."""
    told = environment("plex")
    container = ship.run("plex", environment=told, files=seeds("plex"))
    eventually(lambda: well(container))

    assert "50-seed: exited 0" in container.logs().decode()
    assert customs(container) == [LAN]
    uid = told["PUID"]
    assert run_in(container, "sh", "-c", f"grep -q ^abc:x:{uid}: /etc/passwd")[0] == 0

    edit = f"text=$(cat '{FILE}'); echo \"${{text/192.168.1.10/192.168.1.99}}\" > '{FILE}'"
    assert run_in(container, "bash", "-c", edit)[0] == 0
    container.restart(timeout=30)
    eventually(lambda: well(container))

    assert customs(container) == ["http://192.168.1.99:32400"]
    assert "customConnections is a person's" in container.logs().decode()


def test_jellyfin_tells_the_address(ship: Ship) -> None:
    """What players read as its address is the host's, not the container's."""
    container = ship.run("jellyfin", environment=environment("jellyfin"))
    ask = ("curl", "-fsS", "http://127.0.0.1:8096/System/Info/Public")

    eventually(lambda: run_in(container, *ask)[0] == 0)
    assert '"LocalAddress": "http://192.168.1.10:8096"' in run_in(container, *ask)[1]
