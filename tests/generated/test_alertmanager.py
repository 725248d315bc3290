"""Who is told: accepted by Alertmanager's own checker, and without a secret in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.domain.errors import SettingsInvalid
from tame_components.domain.holding import secrets_of
from tame_components.domain.topology import Topology
from tame_components.generated.alertmanager import CONFIG
from testbed.apps.real import alertmanager as as_debian_takes_it
from tests.generated.conftest import RECEIVERS, SHAPES, files, judged, tool, watched


def _config(topology: Topology) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files(topology, "alertmanager")[CONFIG].content)
    return loaded


@pytest.mark.parametrize("shape", ["everything", "receivers", "two_of_one"])
def test_amtool_accepts_the_configuration(
    shape: str, lay_out: Callable[[Topology, str], Path], tmp_path: Path
) -> None:
    """`amtool check-config` has no objection, with what its version lacks put right.

    Debian's 0.25 reads Discord's and Telegram's secrets only in its configuration; the pin reads
    files, and `amtool` 0.34.0 was shown this very text by hand.
    """
    amtool = tool("amtool", "prometheus-alertmanager")
    topology = SHAPES[shape]()
    place = lay_out(topology, "alertmanager") / CONFIG.lstrip("/")
    for name in RECEIVERS:
        place.with_name(f"receiver-{name}").write_text("https://example.org/hook")
    text = place.read_text().replace("/run/secrets/", f"{place.parent}/")
    place.write_text(text)
    as_debian_takes_it([f"--config.file={place}"], tmp_path / "adjusted.yml")

    said = judged(amtool, "check-config", tmp_path / "adjusted.yml")

    assert f"{len(_config(topology)['receivers'])} receivers" in said


def test_each_receiver_reads_its_secret_where_it_lies() -> None:
    """Every `_file` is a secret file of the container, and every receiver has one."""
    topology = SHAPES["receivers"]()
    held = {one.secret.file for one in secrets_of(topology, topology.service("alertmanager"))}
    named = {
        value
        for receiver in _config(topology)["receivers"]
        for ways in receiver.values()
        for way in ways
        if isinstance(way, dict)
        for key, value in way.items()
        if key.endswith("_file")
    }

    assert named == held == {f"/run/secrets/receiver-{name}" for name in RECEIVERS}


def test_a_receiver_hears_only_of_what_it_wants() -> None:
    """Severities select, and one receiver does not keep an alert from the next."""
    routes = {one["receiver"]: one for one in _config(SHAPES["receivers"]())["route"]["routes"]}

    assert routes["mail"]["matchers"] == ['severity=~"critical"']
    assert routes["chat"]["matchers"] == ['severity=~"warning|critical"']
    assert all(route["continue"] for route in routes.values())


def test_the_watchdog_reaches_nobody_inside() -> None:
    """Its severity is in nobody's list: only its absence is news, and that is seen outside."""
    routes = _config(SHAPES["receivers"]())["route"]["routes"]

    assert not any("none" in matcher for route in routes for matcher in route["matchers"])


def test_a_dead_mans_switch_hears_of_the_watchdog_alone() -> None:
    """At its own pace; an end of the alert is no news, its absence is."""
    config = _config(SHAPES["receivers"]())
    (route,) = [one for one in config["route"]["routes"] if one["receiver"] == "away"]
    (receiver,) = [one for one in config["receivers"] if one["name"] == "away"]

    assert route["matchers"] == ['alertname="Watchdog"']
    assert (route["group_wait"], route["repeat_interval"]) == ("0s", "10m")
    assert receiver["webhook_configs"] == [
        {"url_file": "/run/secrets/receiver-away", "send_resolved": False}
    ]


def test_a_chat_by_name_is_refused() -> None:
    """Alertmanager takes a number; a name would be found out by the container that dies."""
    topology = watched(
        "alertmanager", observability={"receivers": {"me": {"kind": "telegram", "address": "@me"}}}
    )

    with pytest.raises(SettingsInvalid, match=r"observability\.receivers\.me\.address"):
        files(topology, "alertmanager")
