"""What counts as an answer: accepted by the blackbox exporter itself."""

from collections.abc import Callable
from pathlib import Path

import yaml

from tame_components.domain.topology import Topology
from tame_components.generated import blackbox, prometheus
from tests.generated.conftest import SHAPES, files, judged, tool


def test_the_exporter_accepts_its_modules(lay_out: Callable[[Topology, str], Path]) -> None:
    """`--config.check` has no objection."""
    program = tool("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    place = lay_out(SHAPES["everything"](), "blackbox-exporter")

    judged(program, "--config.check", f"--config.file={place}{blackbox.CONFIG}")


def test_prometheus_names_modules_that_exist() -> None:
    """A job with an unknown module would answer 400 for ever."""
    topology = SHAPES["everything"]()
    asked = yaml.safe_load(files(topology, "prometheus")[prometheus.CONFIG].content)
    named = {
        module
        for job in asked["scrape_configs"]
        for module in job.get("params", {}).get("module", ())
    }
    there = yaml.safe_load(files(topology, "blackbox-exporter")[blackbox.CONFIG].content)

    assert named == set(there["modules"])
