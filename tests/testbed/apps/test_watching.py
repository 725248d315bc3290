"""The stand-ins that watch: each does, with what it is given, what the real one would be asked."""

import json
import time
from pathlib import Path

import httpx
import pytest

from testbed.apps import alloy, grafana, homepage
from testbed.apps.place import Place
from testbed.apps.real import alertmanager
from testbed.apps.web import Request
from tests.testbed.apps.harness import PATIENCE, Bench


KEY = "0123456789abcdef0123456789abcdef"


def test_exportarr_counts_what_its_target_has(bench: Bench, tmp_path: Path) -> None:
    """The scrape asks the target with the key from the file; another key fails the scrape."""
    radarr = bench.start("radarr", env={"RADARR__AUTH__APIKEY": KEY})
    key = tmp_path / "key"
    key.write_text(f"{KEY}\n")
    told = {"URL": str(radarr.http.base_url), "API_KEY_FILE": str(key)}
    good = bench.start("exportarr", "radarr", env=told).http.get("/metrics")
    key.write_text("f" * 32)
    bad = bench.start("exportarr", "radarr", env=told).http.get("/metrics")

    assert f'radarr_movie_total{{url="{str(radarr.http.base_url).rstrip("/")}"}} 0' in good.text
    assert "radarr_system_status" in good.text
    assert bad.status_code == 500


def test_exportarr_knows_its_subcommands_only(bench: Bench) -> None:
    """A name that the pin does not have ends the start."""
    process, _, _, log = bench.launch("exportarr", "plex")

    assert process.wait(PATIENCE) == 1
    assert 'unknown command "plex"' in log.read_text()


def test_grafana_takes_the_password_and_the_provisioned_datasources(
    bench: Bench, tmp_path: Path
) -> None:
    """The password of the file opens the API, another does not; health asks the database."""
    password = tmp_path / "password"
    password.write_text("given\n")
    running = bench.start("grafana", env={"GF_SECURITY_ADMIN_PASSWORD__FILE": str(password)})

    assert running.http.get("/api/datasources", auth=("admin", "given")).json() == []
    assert running.http.get("/api/datasources", auth=("admin", "admin")).status_code == 401
    assert running.http.get("/api/datasources").status_code == 401
    assert running.http.get("/api/health").json()["database"] == "ok"


def test_grafana_reads_datasources_as_tame_writes_them(tmp_path: Path) -> None:
    """Entries of the list, with their first-level keys; other lists are left alone."""
    (tmp_path / "tame.yaml").write_text(
        "# by TAME\napiVersion: 1\ndeleteDatasources:\n- name: old\n  orgId: 1\n"
        "datasources:\n- name: Prometheus\n  type: prometheus\n  url: http://prometheus:9090\n"
        "  jsonData:\n    timeInterval: 30s\n- name: 'Loki'\n  type: loki\n  url: http://loki:3100\n"
    )

    found = [(one["name"], one["type"], one["url"]) for one in grafana.datasources(tmp_path)]

    assert found == [
        ("Prometheus", "prometheus", "http://prometheus:9090"),
        ("Loki", "loki", "http://loki:3100"),
    ]


def test_loki_finds_what_was_pushed(bench: Bench) -> None:
    """By label, by a regular expression, and by a word; a query without a label is refused."""
    http = bench.start("loki").http
    now = str(time.time_ns())
    streams = [
        {"stream": {"service": "radarr"}, "values": [[now, "grabbed"], [now, "imported"]]},
        {"stream": {"service": "sonarr"}, "values": [[now, "grabbed"]]},
    ]

    assert http.post("/loki/api/v1/push", json={"streams": streams}).status_code == 204
    assert _found(http, '{service="radarr"}') == 2
    assert _found(http, '{service=~"r.*|s.*"} |= "grabbed"') == 2
    assert _found(http, '{service!="radarr"}') == 1
    assert http.get("/loki/api/v1/query_range", params={"query": "{}"}).status_code == 400
    assert http.post("/loki/api/v1/push", json={"streams": [{}]}).status_code == 400
    values = http.get("/loki/api/v1/label/service/values").json()["data"]
    assert values == ["radarr", "sonarr"]


def _found(http: httpx.Client, query: str) -> int:
    told = http.get("/loki/api/v1/query_range", params={"query": query}).json()
    return sum(len(stream["values"]) for stream in told["data"]["result"])


def test_alloy_reads_the_engines_frames() -> None:
    """Docker's eight-byte heads are taken off; a piece may end within a line."""
    pieces = [b"2026-11-21T14:00:00.5Z one\n2026-11-21T14:00", b":01Z two\n"]
    framed = b"".join(b"\x01\0\0\0" + len(piece).to_bytes(4, "big") + piece for piece in pieces)

    assert list(alloy._lines(framed)) == [
        ["1795269600500000000", "one"],
        ["1795269601000000000", "two"],
    ]


@pytest.mark.parametrize(
    ("host", "status"), [("homepage:3000", 200), ("evil.example", 400), ("127.0.0.1:1", 200)]
)
def test_homepage_answers_only_to_its_names(bench: Bench, host: str, status: int) -> None:
    """As src/middleware.js: beyond loopback, only HOMEPAGE_ALLOWED_HOSTS."""
    http = bench.start("homepage", env={"HOMEPAGE_ALLOWED_HOSTS": "homepage:3000"}).http

    assert http.get("/api/healthcheck", headers={"Host": host}).status_code == status


def test_homepage_names_the_placeholders_that_nothing_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key whose file is missing is as bad as one that is not named at all."""
    settings, key = tmp_path / "services.yaml", tmp_path / "key"
    settings.write_text("a: {{HOMEPAGE_FILE_radarr_KEY}}\nb: {{HOMEPAGE_FILE_sonarr_KEY}}\n")
    key.write_text(KEY)
    monkeypatch.setattr(homepage.StandIn, "settings", settings)
    environment = {
        "HOMEPAGE_FILE_radarr_KEY": str(key),
        "HOMEPAGE_FILE_sonarr_KEY": str(tmp_path / "none"),
    }
    place = Place(app="homepage", version="1", state=tmp_path, port=0, environment=environment)
    asked = Request("GET", "/api/validate", {}, {"host": "127.0.0.1:3000"}, b"", "127.0.0.1")

    assert json.loads(homepage.StandIn(place).handle(asked).body) == ["HOMEPAGE_FILE_sonarr_KEY"]


def test_alertmanagers_newer_secrets_are_put_in_for_the_older_program(tmp_path: Path) -> None:
    """Only what 0.25 lacks is changed, and the flag points to the changed file."""
    token, config, adjusted = (tmp_path / name for name in ("token", "config.yml", "adjusted.yml"))
    token.write_text("secret\n")
    config.write_text(
        "receivers:\n- name: a\n  discord_configs:\n"
        f"  - webhook_url_file: {token}\n    send_resolved: true\n"
        f"  slack_configs:\n  - api_url_file: {token}\n"
    )

    given = alertmanager([f"--config.file={config}", "--cluster.listen-address="], adjusted)

    assert given == [f"--config.file={adjusted}", "--cluster.listen-address="]
    assert "  - webhook_url: 'secret'\n    send_resolved: true\n" in adjusted.read_text()
    assert f"  - api_url_file: {token}\n" in adjusted.read_text()
