"""The real Prometheus and its companions watch a real stack: everybody answers, trouble is told."""

import json
import shutil
import time
import urllib.parse
from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal
from tests.harness.waiting import eventually


WATCHERS = (
    "alertmanager",
    "alloy",
    "blackbox-exporter",
    "cadvisor",
    "grafana",
    "homepage",
    "loki",
    "node-exporter",
    "prometheus",
)
LASTING = 60
"""Seconds that a probe has to fail: `unhealthy_minutes: 1`."""
_ASK = "import urllib.request; print(urllib.request.urlopen('{url}', timeout=30).read().decode())"
_GRAFANA = """
import base64, json, urllib.request
password = open("/run/secrets/password").read().strip()
login = base64.b64encode(f"admin:{password}".encode()).decode()
def ask(path):
    url = f"http://localhost:3000/api/{path}"
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {login}"})
    return json.load(urllib.request.urlopen(request, timeout=30))
print(json.dumps([ask("datasources"), ask("search")]))
"""


@pytest.fixture(scope="module")
def stack(make_shared: Make, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """Two services and those who watch them, up."""
    rehearsal = make_shared(
        "radarr",
        "sonarr",
        "socket-proxy",
        *WATCHERS,
        observability={"scrape_seconds": 5, "unhealthy_minutes": 1},
        backup={"repository": str(tmp_path_factory.mktemp("backups"))},
    )
    outcome = rehearsal.up()
    assert outcome.code == 0, outcome.text
    return rehearsal


def _asked(stack: Rehearsal, url: str) -> Any:
    """What *url* answers, asked from inside Prometheus's container."""
    return json.loads(stack.python("prometheus", _ASK.format(url=url)))


def _targets(stack: Rehearsal) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = _asked(stack, "http://localhost:9090/api/v1/targets")["data"][
        "activeTargets"
    ]
    return listed


def _firing(stack: Rehearsal) -> dict[str, str]:
    """Service -> severity of each `ServiceDown` that Alertmanager holds."""
    url = "http://alertmanager:9093/api/v2/alerts?active=true"
    return {
        alert["labels"]["service"]: alert["labels"]["severity"]
        for alert in _asked(stack, url)
        if alert["labels"]["alertname"] == "ServiceDown"
    }


def test_every_generated_target_is_up(stack: Rehearsal) -> None:
    """Whatever Prometheus is told to ask answers, through the blackbox exporter too."""

    def all_up() -> list[dict[str, Any]]:
        targets = _targets(stack)
        assert [one for one in targets if one["health"] != "up"] == []
        probed = _asked(stack, "http://localhost:9090/api/v1/query?query=probe_success")
        success = {one["metric"]["service"]: one["value"][1] for one in probed["data"]["result"]}
        assert success.keys() >= {"radarr", "sonarr"}
        assert set(success.values()) == {"1"}
        return targets

    targets = eventually(all_up, within=120, every=1)

    asked = {(one["labels"]["job"], one["labels"]["service"]) for one in targets}
    assert {(job, name) for job, name in asked if job == "services"} >= {
        ("services", "radarr"),
        ("services", "sonarr"),
    }
    assert {("host", "node-exporter"), ("containers", "cadvisor")} <= asked


def test_figures_of_containers_are_about_services_of_this_stack(stack: Rehearsal) -> None:
    """Every container of the engine is seen; what is kept names our services, all of them."""
    ours = {one.labels["tame.service"] for one in stack.containers()}
    url = "http://localhost:9090/api/v1/query?query=container_start_time_seconds"

    def counted() -> set[str]:
        return {one["metric"]["service"] for one in _asked(stack, url)["data"]["result"]}

    assert {"radarr", "prometheus"} <= ours
    assert eventually(lambda: counted() == ours, within=120, every=2)


def test_dashboards_and_pages_read_what_was_generated(stack: Rehearsal) -> None:
    """Grafana holds the datasources and dashboards; Homepage has a key for each place."""
    grafana = stack.python("grafana", _GRAFANA)
    homepage = stack.python("homepage", _ASK.format(url="http://localhost:3000/api/validate"))

    sources, boards = json.loads(grafana)
    assert {one["url"] for one in sources} == {"http://prometheus:9090", "http://loki:3100"}
    assert {one["uid"] for one in boards} == {
        "tame-app-radarr",
        "tame-app-sonarr",
        "tame-logs",
        "tame-overview",
    }
    assert json.loads(homepage) == []


def test_logs_arrive_under_their_services_name(stack: Rehearsal) -> None:
    """What radarr writes is found in Loki by the labels of the stack."""
    query = urllib.parse.quote(f'{{stack="{stack.stack}", service="radarr"}}')
    url = f"http://loki:3100/loki/api/v1/query_range?query={query}"

    found = eventually(lambda: _asked(stack, url)["data"]["result"], within=120, every=2)

    assert {one["stream"]["app"] for one in found} == {"radarr"}


@pytest.mark.skipif(shutil.which("restic") is None, reason="no restic on PATH")
def test_a_backup_is_told_of(stack: Rehearsal) -> None:
    """What `tame backup` leaves beside the state reaches Prometheus under the service's name.

    Until then its absence is pending, and for the services that have none it still is.
    """
    url = "http://localhost:9090/api/v1/"

    def missing() -> set[str]:
        pending = _asked(stack, f"{url}alerts")["data"]["alerts"]
        labels = [one["labels"] for one in pending]
        return {one["service"] for one in labels if one["alertname"] == "BackupMissing"}

    eventually(lambda: {"radarr", "sonarr"} <= missing(), within=60, every=1)
    begun = time.time()
    backup = stack.run("backup", stack.stack, "radarr", program="tame")
    assert backup.returncode == 0, backup.stdout
    eventually(lambda: "radarr" not in missing(), within=60, every=1)

    assert "sonarr" in missing()
    query = "query?query=tame_backup_last_success_timestamp_seconds"
    (told,) = _asked(stack, f"{url}{query}")["data"]["result"]
    assert told["metric"]["service"] == "radarr"
    assert float(told["value"][1]) >= begun - 1


def test_a_stopped_service_is_told_of_until_it_is_back(stack: Rehearsal) -> None:
    """Not before its time, soon after it, about that service alone; and it resolves."""
    assert _firing(stack) == {}
    stack.container("radarr").stop(timeout=5)
    stopped = time.monotonic()

    told = eventually(lambda: _firing(stack), within=LASTING + 120, every=2)
    waited = time.monotonic() - stopped
    stack.container("radarr").start()
    eventually(lambda: _firing(stack) == {}, within=120, every=2)

    assert told == {"radarr": "warning"}
    assert waited >= LASTING - 5  # the last good answer may be one interval old
