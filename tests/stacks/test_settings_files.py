"""Every settings file that we ship is one that works: composed, and within the doctrine."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.catalog import catalog, refusals
from tame_components.domain.compose import compose_topology
from tame_components.domain.errors import AppRefused
from tame_components.domain.lock import Lock
from tame_components.domain.rendering import container_of
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from tame_components.rules import enforce_stack, scope_of
from testbed.previews import read
from tests.harness import stacks


ROOT = Path(__file__).parents[2]
BLUEPRINT = [ROOT / f"Pulumi.{name}.yaml" for name in ("sandbox", "prod", "ci")]
EXAMPLES = sorted((ROOT / "stacks/examples").glob("Pulumi.*.yaml"))
SAME_KEYS = [ROOT / f"Pulumi.{name}.yaml" for name in ("sandbox", "prod", "ci")]


def _topology(file: Path) -> Topology:
    stack, settings = read(file)
    checked = check_settings(file.name, stack, settings)
    unlocked = compose_topology(checked, catalog(), refusals())
    digest = f"sha256:{'0' * 64}"
    lock = Lock(images={str(service.image): digest for service in unlocked.services})
    return compose_topology(checked, catalog(), refusals(), lock)


@pytest.mark.parametrize("file", [*BLUEPRINT, *EXAMPLES], ids=lambda f: f.name)
def test_a_shipped_stack_is_within_the_doctrine(file: Path) -> None:
    """What a newcomer copies is not refused: no mandatory violation, with a lock."""
    topology = _topology(file)
    containers = [container_of(topology, service) for service in topology.services]

    enforce_stack(scope_of(topology, containers, today="2026-11-21"))
    assert len(topology.services) > 10


def test_environments_of_the_blueprint_have_the_same_keys() -> None:
    """Sandbox and production differ in values alone, or the sandbox proves something else."""
    keys = [set(yaml.safe_load(file.read_text("utf-8"))["config"]) for file in SAME_KEYS]
    services = [set(read(file)[1]["services"]) for file in SAME_KEYS]

    assert keys[0] == keys[1] == keys[2]
    assert services[0] == services[1] == services[2]


def test_the_blueprint_is_whole() -> None:
    """Each system that blueprint 000 names is in its stack, or refused with a reason."""
    named = {
        *("plex", "jellyfin", "radarr", "sonarr", "prowlarr", "bazarr", "overseerr", "jellyseerr"),
        *("qbittorrent", "sabnzbd", "tdarr", "tautulli", "notifiarr", "gluetun", "cloudflared"),
        *("uptime-kuma", "dozzle", "recommendarr", "kometa"),
    }

    assert named <= set(read(ROOT / "Pulumi.prod.yaml")[1]["services"])


@pytest.mark.parametrize("name", sorted(refusals()))
def test_a_refused_app_is_refused_by_name(name: str) -> None:
    """Watchtower and Readarr: the reason and what to take instead, before anything changes."""
    settings = stacks.settings(services={"radarr": {}, name: {}}, vpn=None)

    with pytest.raises(AppRefused, match=f"`services.{name}`") as refused:
        compose_topology(settings, catalog(), refusals())
    assert refusals()[name].instead in str(refused.value)


def test_an_app_without_an_image_is_for_rehearsals() -> None:
    """The agent is declared and not published: refused with reason, remedy and code, or rehearsed.

    Without a word Docker would fail to pull it, half-way through a deployment.
    """
    services: dict[str, Any] = {"tame-agent": {}, "socket-proxy": {}, "restart-proxy": {}}
    settings = stacks.settings(services=services, vpn=None)

    with pytest.raises(AppRefused) as refused:
        compose_topology(settings, catalog(), refusals())
    said = str(refused.value)
    assert all(
        text in said
        for text in ("`services.tame-agent`", "not published yet", "leave it out", "[TAME105]")
    )
    rehearsed = stacks.topology(services=services, vpn=None, rehearsal=True)
    assert rehearsed.service("tame-agent").app.name == "tame-agent"


def test_a_second_instance_is_one_line() -> None:
    """A 4K Radarr beside Radarr, two tuners of one app: names differ, the app is the same."""
    services = {"radarr": {}, "radarr-4k": {"app": "radarr"}, "sonarr": {}}
    topology = stacks.topology(services=services, vpn=None)
    first, second = (topology.service(name) for name in ("radarr", "radarr-4k"))

    assert first.app == second.app
    assert first.uid != second.uid
    assert topology.url("sonarr", "radarr-4k") == "http://radarr-4k:7878"
