"""Each alert fires when it should, says what it should, and goes when the cause does."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.domain.topology import Topology
from tame_components.generated.prometheus import RULES
from tests.generated.alert_cases import CASES, Case, series
from tests.generated.conftest import SHAPES, files, judged, tool, watched


EVERYTHING = SHAPES["everything"]()
_NAMED = re.compile(r"`(\w+)`")


def _test(case: Case) -> dict[str, Any]:
    fired = {
        "exp_labels": dict(case.labels),
        "exp_annotations": {"summary": case.summary, "description": case.description},
    }
    times = [(case.fires, [fired]), *((time, []) for time in case.silent)]
    return {
        "interval": case.every,
        "input_series": [
            {"series": name, "values": values} for name, values in case.series.items()
        ],
        "alert_rule_test": [
            {"alertname": case.alert, "eval_time": time, "exp_alerts": expected}
            for time, expected in times
        ],
    }


def _judged(tmp_path: Path, topology: Topology, test: dict[str, Any], every: str = "1m") -> str:
    """What promtool says of *test*; it gets the rules that the test is about, and no other."""
    promtool = tool("promtool", "prometheus")
    rules, suite = tmp_path / "rules.yml", tmp_path / "tests.yml"
    asked = {one["alertname"] for one in test["alert_rule_test"]}
    judged_rules = [rule for rule in _rules(topology) if rule["alert"] in asked]
    rules.write_text(yaml.safe_dump({"groups": [{"name": "tested", "rules": judged_rules}]}))
    told = {"rule_files": [str(rules)], "evaluation_interval": every, "tests": [test]}
    suite.write_text(yaml.safe_dump(told))
    return judged(promtool, "test", "rules", suite)


def _rules(topology: Topology) -> list[dict[str, Any]]:
    loaded = yaml.safe_load(files(topology, "prometheus")[RULES].content)
    return [rule for group in loaded["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}-{case.labels['severity']}")
def test_an_alert_fires_and_resolves(case: Case, tmp_path: Path) -> None:
    """On made-up figures, judged by promtool: in time, with its text, and not before or after."""
    assert "SUCCESS" in _judged(tmp_path, EVERYTHING, _test(case), case.every)


def test_a_service_that_was_never_backed_up_is_named(tmp_path: Path) -> None:
    """Absence is the alarm: each service with something to keep, one day after the start."""
    topology = EVERYTHING
    kept = [
        one.name for one in topology.services if one.app.state and one.app.state.backup != "none"
    ]
    expected = [
        {
            "exp_labels": {"service": name, "severity": "critical"},
            "exp_annotations": {
                "summary": f"{name} has never been backed up",
                "description": "nobody has told of a good backup; `tame backup` makes one",
            },
        }
        for name in kept
        if name != "radarr"
    ]
    told = series("tame_backup_last_success_timestamp_seconds", service="radarr")
    test = {
        "interval": "5m",
        "input_series": [{"series": told, "values": "0x300"}],
        "alert_rule_test": [
            {"alertname": "BackupMissing", "eval_time": "1445m", "exp_alerts": expected},
            {"alertname": "BackupMissing", "eval_time": "1400m", "exp_alerts": []},
        ],
    }

    assert "radarr" in kept
    assert "SUCCESS" in _judged(tmp_path, topology, test, "5m")


def test_the_watchdog_always_fires(tmp_path: Path) -> None:
    """Its absence outside this host says that nobody watches any more."""
    expected = {
        "exp_labels": {"severity": "none"},
        "exp_annotations": {
            "summary": "this alert always fires",
            "description": "its absence, outside this host, says that nobody watches any more",
        },
    }
    test = {
        "interval": "1m",
        "alert_rule_test": [{"alertname": "Watchdog", "eval_time": "1m", "exp_alerts": [expected]}],
    }

    assert "SUCCESS" in _judged(tmp_path, watched("prometheus"), test)


def _alerts(topology: Topology) -> set[str]:
    return {rule["alert"] for rule in _rules(topology)}


def test_each_alert_is_tried() -> None:
    """A rule without a case here is a rule that nobody has seen fire."""
    tried = {case.alert for case in CASES} | {"BackupMissing", "Watchdog"}

    assert _alerts(EVERYTHING) == tried


def test_each_alert_is_explained_to_people() -> None:
    """The how-to names every alert, and none that there is not."""
    page = Path(__file__).parents[2] / "docs/how-to/watch-a-stack.md"
    section = page.read_text("utf-8").partition("## What you hear of")[2]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in _NAMED.findall(row[1])}

    assert named == _alerts(EVERYTHING)


def test_there_is_no_alert_that_cannot_fire() -> None:
    """Without cAdvisor, node exporter and blackbox exporter nothing pretends to watch for them."""
    assert _alerts(watched("prometheus")) == {"NobodyAnswersPrometheus", "Watchdog"}
    assert "ServiceComplains" in _alerts(watched("prometheus", "radarr"))
    assert "TunnelDown" not in _alerts(watched("prometheus", "cadvisor", "socket-proxy"))


def test_overdue_backups_need_backups_and_somebody_who_tells() -> None:
    """Without `backup`, a reader, or `tame backup` to write, an alarm would ring for ever."""
    names = ("prometheus", "node-exporter", "radarr")

    assert "BackupMissing" in _alerts(watched(*names, backup={}))
    assert "BackupMissing" not in _alerts(watched(*names))
    assert "BackupMissing" not in _alerts(watched("prometheus", "radarr", backup={}))
    assert "BackupMissing" not in _alerts(watched(*names, backup={"tool": "borgmatic"}))
