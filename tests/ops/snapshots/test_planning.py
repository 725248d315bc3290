"""Plans, compared as text."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import catalog
from tame_components.domain.compose import compose_topology
from tame_components.domain.topology import Topology
from tame_components.ops.snapshots.containers import Seen, look
from tame_components.ops.snapshots.errors import NothingToSnapshot
from tame_components.ops.snapshots.plan import Step, version_of
from tame_components.ops.snapshots.planning import plan_backup, repository_of
from tests.harness.stacks import only, settings
from tests.ops.snapshots.stage import Engine


def _lines(steps: Iterable[Step]) -> list[str]:
    return [f"{step.verb} {step.what}: {step.cause}" for step in steps]


def _made(topology: Topology, *names: str) -> Topology:
    for name in names:
        Path(topology.settings.config_root, name).mkdir(parents=True)
    return topology


def _seen(topology: Topology) -> dict[str, Seen]:
    """All services run."""
    return look(topology, Engine(topology, *(one.name for one in topology.services)))


def test_a_service_is_stopped_copied_started_then_stored(tmp_path: Path) -> None:
    """The service runs again before its copy is looked at and stored."""
    topology = _made(only("radarr", config_root=str(tmp_path)), "radarr")
    plan = plan_backup(topology, _seen(topology))

    assert [(step.verb, step.what) for step in plan.steps] == [
        ("stop", "radarr"),
        ("copy", "radarr"),
        ("start", "radarr"),
        ("check", "radarr"),
        ("save", "radarr"),
        ("thin out", f"{tmp_path}/.backups/test"),
        ("check", f"{tmp_path}/.backups/test"),
    ]
    assert "radarr.db, logs.db by SQLite's backup API" in plan.steps[1].cause
    assert all(step.cause for step in plan.steps)


def test_what_does_not_run_is_not_started(tmp_path: Path) -> None:
    """A service that a person stopped stays stopped."""
    topology = _made(only("radarr", config_root=str(tmp_path)), "radarr")
    plan = plan_backup(topology, look(topology, Engine(topology)))

    assert [step.verb for step in plan.services[0].steps] == ["copy", "check", "save"]


def test_a_member_of_a_gateway_stops_alone(tmp_path: Path) -> None:
    """The tunnel stays up while its client is copied."""
    topology = _made(only("gluetun", "qbittorrent", config_root=str(tmp_path)), "qbittorrent")
    plan = plan_backup(topology, _seen(topology), ["qbittorrent"])

    assert [one.service for one in plan.services[0].pauses] == ["qbittorrent"]


def test_a_gateway_stops_after_its_members_and_starts_before_them(tmp_path: Path) -> None:
    """Members keep a dead network namespace unless they start after their gateway."""
    apps = dict(catalog())
    gateway = apps["gluetun"]
    assert gateway.state is not None
    kept = gateway.state.model_copy(update={"backup": "full"})
    apps["gluetun"] = gateway.model_copy(update={"state": kept})
    services: dict[str, Any] = {"gluetun": {}, "qbittorrent": {}}
    facts = settings(services=services, config_root=str(tmp_path))
    topology = _made(compose_topology(facts, apps), "gluetun")
    plan = plan_backup(topology, _seen(topology), ["gluetun"])

    assert _lines(plan.services[0].steps)[:2] == [
        "stop qbittorrent: it has no network while `gluetun` stands still",
        "stop gluetun: its files must hold still while they are copied",
    ]
    starts = [step.what for step in plan.services[0].steps if step.verb == "start"]
    assert starts == ["gluetun", "qbittorrent"]


def test_what_keeps_nothing_is_named_with_the_reason(tmp_path: Path) -> None:
    """Asked for by name it is an error; else it is skipped, and the plan says so."""
    topology = _made(only("flaresolverr", "radarr", config_root=str(tmp_path)), "radarr")
    seen = _seen(topology)

    assert set(plan_backup(topology, seen).skipped) == {"flaresolverr"}
    with pytest.raises(NothingToSnapshot, match="it keeps nothing"):
        plan_backup(topology, seen, ["flaresolverr"])


def test_the_settings_say_where_and_what(tmp_path: Path) -> None:
    """Two stacks have two repositories; excludes of the settings add to the catalog's."""
    topology = _made(
        only(
            "radarr",
            config_root=str(tmp_path),
            backup={"repository": "/mnt/usb", "excludes": ["Backups"], "keep": {"daily": 3}},
        ),
        "radarr",
    )
    plan = plan_backup(topology, _seen(topology))

    assert repository_of(topology) == "/mnt/usb/test"
    assert "Backups" in plan.services[0].excludes
    assert plan.upkeep[0].cause == "keeps 3 daily, 5 weekly, 6 monthly"


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("lscr.io/linuxserver/radarr:6.2.1.10461-ls308", "6.2.1.10461"),
        ("lscr.io/linuxserver/radarr:6.2.1.10461-ls309", "6.2.1.10461"),
        ("ghcr.io/hotio/radarr:release-5.26.2", "release-5.26.2"),
        (f"plexinc/pms-docker:1.2.3@sha256:{'0' * 64}", "1.2.3"),
    ],
)
def test_a_rebuilt_image_is_the_same_version(reference: str, version: str) -> None:
    """Only another application version makes another database."""
    assert version_of(reference) == version
