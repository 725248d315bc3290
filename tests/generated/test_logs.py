"""Logs: shipped from this stack alone, to where the stack keeps them, for as long as it says."""

import yaml

from tame_components.generated import alloy
from tests.generated.conftest import files, watched


LOKI = "/etc/loki/local-config.yaml"


def test_logs_are_kept_as_long_as_figures() -> None:
    """`retention_days` is one setting for both; the rest of the file is the catalog's."""
    topology = watched("loki", observability={"retention_days": 40})
    fixed = yaml.safe_load(topology.service("loki").app.files[0].content)
    found = yaml.safe_load(files(topology, "loki")[LOKI].content)

    assert found["limits_config"]["retention_period"] == "960h"
    assert found["compactor"]["retention_enabled"] is True
    assert {**found, "limits_config": {}} == {**fixed, "limits_config": {}}


def test_only_this_stacks_containers_are_followed() -> None:
    """Two stacks on one engine do not mix their logs."""
    text = files(watched("alloy", "loki", "socket-proxy"), "alloy")[alloy.CONFIG].content

    assert 'values = ["tame.stack=test"]' in text
    assert 'host             = "tcp://socket-proxy:2375"' in text
    assert 'url = "http://loki:3100/loki/api/v1/push"' in text
    assert text.count("{") == text.count("}")


def test_logs_go_to_each_store_by_its_name() -> None:
    """A store may be called as the stack likes; Alloy's names know no hyphens."""
    topology = watched("alloy", "socket-proxy", services={"log-keeper": {"app": "loki"}})
    text = files(topology, "alloy")[alloy.CONFIG].content

    assert 'loki.write "log_keeper"' in text
    assert "forward_to    = [loki.write.log_keeper.receiver]" in text


def test_without_a_store_nothing_is_shipped() -> None:
    """No component that would fail for ever."""
    text = files(watched("alloy", "socket-proxy"), "alloy")[alloy.CONFIG].content

    assert "loki.source.docker" not in text
