"""Backrest in a container, started as the stack starts it: its first settings, and its own ones."""

import json
from typing import Any

import pytest
from docker.models.containers import Container

from tame_components.domain.rendering import container_of
from tame_components.generated import files_of
from testbed.images import build
from tests.harness import stacks
from tests.harness.waiting import eventually
from tests.testbed.apps.ship import PYTHON, Ship, run_in


pytestmark = pytest.mark.engine

EMPTY: dict[str, Any] = {}
EDIT = (
    "import json, pathlib; path = pathlib.Path('/data/config.json'); told = json.loads("
    "path.read_text()); told['plans'] = told['plans'][:1]; path.write_text(json.dumps(told))"
)


@pytest.fixture(scope="module", autouse=True)
def _images(host: str) -> None:
    build(host, ["backrest"])


def plans(container: Container) -> list[str]:
    """The plans that it has now."""
    script = "print(open('/data/config.json').read())"
    told: dict[str, Any] = json.loads(run_in(container, PYTHON, "-c", script)[1])
    return [plan["id"] for plan in told["plans"]]


def well(container: Container) -> bool:
    """Whether its page is there."""
    return run_in(container, "curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:9898/")[0] == 0


def test_settings_are_seeded_once_and_then_backrests(ship: Ship) -> None:
    """Where it has none; what it wrote itself, and a person in its page, outlives a restart."""
    services = dict.fromkeys(("backrest", "restart-proxy", "radarr", "sonarr"), EMPTY)
    topology = stacks.topology(services=services, backup={"tool": "backrest"})
    service = topology.service("backrest")
    fact = container_of(topology, service)
    files = {one.path: one.content.encode() for one in files_of(topology, service)}
    container = ship.run("backrest", *fact.command, files=files, environment=fact.environment)
    eventually(lambda: well(container))

    assert plans(container) == ["radarr", "sonarr"]
    assert "plans: radarr, sonarr" in container.logs().decode()
    tell = "import os; print(oct(os.stat('/data/config.json').st_mode & 0o777))"
    assert run_in(container, PYTHON, "-c", tell)[1].strip() == "0o600"

    assert run_in(container, PYTHON, "-c", EDIT)[0] == 0
    container.restart(timeout=20)
    eventually(lambda: well(container))
    assert plans(container) == ["radarr"]
