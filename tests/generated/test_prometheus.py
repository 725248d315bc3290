"""What Prometheus asks: accepted by its own checker, complete, and derived."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.domain.topology import Topology
from tame_components.generated.prometheus import CONFIG
from testbed.apps.real import prometheus as as_debian_takes_it
from tests.generated.conftest import SHAPES, files, judged, tool, watched


def _config(topology: Topology) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files(topology, "prometheus")[CONFIG].content)
    return loaded


def _targets(topology: Topology, job: str) -> dict[str, dict[str, str]]:
    return {
        one["targets"][0]: one["labels"]
        for asked in _config(topology)["scrape_configs"]
        if asked["job_name"] == job
        for one in asked["static_configs"]
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_promtool_accepts_the_configuration(
    shape: str, lay_out: Callable[[Topology, str], Path]
) -> None:
    """`promtool check config` has no objection to any stack, and reads its rules too."""
    promtool = tool("promtool", "prometheus")
    place = lay_out(SHAPES[shape](), "prometheus")

    said = judged(promtool, "check", "config", place / CONFIG.lstrip("/"))

    assert "rules found" in said
    assert "duplicate" not in said


def test_each_service_with_a_port_is_asked_or_probed() -> None:
    """Nobody who can be reached is forgotten; an exporter speaks for the one it watches."""
    topology = SHAPES["everything"]()
    asked = {
        target["service"]
        for job in _config(topology)["scrape_configs"]
        for one in job["static_configs"]
        for target in [one["labels"]]
    }
    hidden = {"socket-proxy"}  # its own network: only its callers meet it
    listening = {
        service.name
        for service in topology.services
        if service.app.ports and service.app.runs == "always"
    }

    assert asked == listening - hidden


def test_an_exporter_names_the_service_that_it_watches() -> None:
    """Figures of `radarr-exporter` are about `radarr`, whatever the instance is called."""
    topology = watched("prometheus", services={"radarr-4k": {"app": "radarr"}, "prometheus": {}})

    assert _targets(topology, "services")["radarr-4k-exporter:9707"]["service"] == "radarr-4k"


def test_without_exporters_there_are_none() -> None:
    """`exporters: false` leaves nothing that asks a service that is not there."""
    topology = watched("prometheus", "radarr", observability={"exporters": False})

    assert set(_targets(topology, "services")) == {"localhost:9090"}


def test_a_member_of_a_gateway_is_asked_at_the_gateway() -> None:
    """A torrent client has no name of its own; it shares the gateway's label."""
    targets = _targets(SHAPES["tunnel"](), "probe-http")

    assert targets["http://gluetun:8080/"]["service"] == "qbittorrent"
    assert targets["http://gluetun:8080/"]["gateway"] == "gluetun"


def test_a_service_on_the_hosts_network_is_asked_there() -> None:
    """Plex on the host's network is found at the host's name."""
    targets = _targets(SHAPES["host_network"](), "probe-http")

    assert "http://host.docker.internal:32400/identity" in targets


def test_a_probe_asks_what_the_image_itself_asks() -> None:
    """The way and the question of the container's own probe, at the service's address."""
    topology = watched("prometheus", "blackbox-exporter", "sabnzbd", "radarr")
    targets = set(_targets(topology, "probe-http"))

    assert "http://radarr:7878/ping" in targets
    assert any(one.startswith("http://sabnzbd:8080/") for one in targets)


def test_a_probe_that_takes_any_answer_is_no_question() -> None:
    """Transmission may answer 401 and be well: its port is tried instead."""
    topology = watched("prometheus", "blackbox-exporter", "gluetun", "transmission")

    assert "gluetun:9091" in _targets(topology, "probe-tcp")
    assert not any(":9091" in one for one in _targets(topology, "probe-http"))


def test_public_names_are_asked_for_their_certificate() -> None:
    """The user plane alone, at its public name; nothing without remote access."""
    topology = SHAPES["everything"]()

    assert set(_targets(topology, "probe-public")) == {
        "jellyfin.example.org:443",
        "overseerr.example.org:443",
        "plex.example.org:443",
    }
    assert _targets(SHAPES["core"](), "probe-public") == {}


def test_retention_is_said_where_it_is_not_the_default() -> None:
    """The setting reaches Prometheus in the form of the pinned version."""
    default = _config(watched("prometheus"))
    longer = _config(watched("prometheus", observability={"retention_days": 60}))

    assert "storage" not in default
    assert longer["storage"]["tsdb"]["retention"]["time"] == "60d"


def test_the_rehearsals_prometheus_gets_the_retention_as_a_flag(tmp_path: Path) -> None:
    """Debian's version refuses the key: the same days reach it on its command line."""
    file = tmp_path / "prometheus.yml"
    topology = watched("prometheus", observability={"retention_days": 60})
    file.write_text(files(topology, "prometheus")[CONFIG].content)
    adjusted = tmp_path / "adjusted.yml"
    arguments = as_debian_takes_it([f"--config.file={file}", "--log.level=info"], adjusted)

    assert arguments == [
        f"--config.file={adjusted}",
        "--log.level=info",
        "--storage.tsdb.retention.time=60d",
    ]
    assert "storage" not in yaml.safe_load(adjusted.read_text())


def test_figures_of_other_stacks_containers_are_left_out() -> None:
    """One cAdvisor sees every container of the host; only this stack's are kept, by service."""
    jobs = {job["job_name"]: job for job in _config(SHAPES["everything"]())["scrape_configs"]}
    rules = jobs["containers"]["metric_relabel_configs"]

    assert {"regex": "test", "action": "keep"}.items() <= rules[0].items()
    assert rules[1]["target_label"] == "service"
