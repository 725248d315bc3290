"""Who may ask what: each application refuses in its own way."""

import json
import xml.etree.ElementTree as ET

import pytest

from tests.testbed.apps.harness import Bench, opened


def test_bazarr_takes_its_key_from_its_file(bench: Bench) -> None:
    """A seeded config.yaml keeps its key and its other lines; 401 without the key."""
    _, state = bench.facts("bazarr")
    (state / "config").mkdir()
    path = state / "config" / "config.yaml"
    path.write_text("---\nauth:\n  apikey: seeded\n  password: ''\nradarr:\n  ip: radarr\n")

    http = bench.start("bazarr").http

    assert http.get("/api/system/status").status_code == 401
    answer = http.get("/api/system/status", headers={"X-API-KEY": "seeded"})
    assert answer.json()["data"]["bazarr_config_directory"] == str(state)
    assert "radarr:\n  ip: radarr\n" in path.read_text()


def test_sabnzbd_checks_key_and_hostname(bench: Bench) -> None:
    """Refusals are 403 with the real texts; addresses and listed names pass."""
    _, state = bench.facts("sabnzbd")
    (state / "sabnzbd.ini").write_text(
        "__version__ = 19\n[misc]\napi_key = seeded\nhost_whitelist = sabnzbd,\n"
        "[categories]\n[[tv]]\ndir = tv\n"
    )
    http = bench.start("sabnzbd").http

    def ask(name: str = "127.0.0.1:8080", **query: str) -> tuple[int, str]:
        answer = http.get("/api", params=query, headers={"Host": name})
        return answer.status_code, answer.text

    assert ask(mode="version")[0] == 200
    assert json.loads(ask(mode="auth")[1]) == {"auth": "apikey"}
    assert ask(mode="queue") == (403, "API Key Required")
    assert ask(mode="queue", apikey="wrong") == (403, "API Key Incorrect")
    assert ask(mode="queue", apikey="seeded")[0] == 200
    assert ask("sabnzbd:8080", mode="version")[0] == 200
    assert ask("elsewhere:8080", mode="version")[0] == 403
    assert "[[tv]]\ndir = tv" in (state / "sabnzbd.ini").read_text()


@pytest.mark.parametrize("app", ["overseerr", "jellyseerr"])
def test_seerrs_key_needs_an_administrator(bench: Bench, app: str) -> None:
    """The key is worth nothing until user 1 exists; API_KEY is taken and saved."""
    running = bench.start(app, env={"API_KEY": "given"})
    key = {"X-Api-Key": "given"}

    assert json.loads((running.state / "settings.json").read_text())["main"]["apiKey"] == "given"
    assert running.http.get("/api/v1/settings/public").json()["initialized"] is False
    assert running.http.get("/api/v1/auth/me", headers=key).status_code == 403
    with opened(running.state / "db" / "db.sqlite3") as database:
        database.execute("INSERT INTO \"user\" (id, email) VALUES (1, 'a@example.org')")
    assert running.http.get("/api/v1/auth/me", headers=key).json()["id"] == 1
    assert running.http.get("/api/v1/auth/me").status_code == 403


def test_plex_refuses_with_a_page(bench: Bench) -> None:
    """A bad token gets 401 in HTML; the token that claiming wrote opens, at once when renewed."""
    running = bench.start("plex")
    refused = running.http.get("/library/sections", headers={"X-Plex-Token": "dead"})
    (preferences,) = running.state.rglob("Preferences.xml")
    tree = ET.parse(preferences)  # noqa: S314 - our own file
    tree.getroot().set("PlexOnlineToken", "fresh")
    tree.write(preferences)

    assert refused.status_code == 401
    assert refused.headers["content-type"].startswith("text/html")
    assert running.http.get("/library/sections?X-Plex-Token=fresh").status_code == 200
    assert 'claimed="1"' in running.http.get("/identity").text


def test_jellyfins_health_reads_the_database(bench: Bench) -> None:
    """Health turns with the database; the wizard is not completed on an empty one."""
    running = bench.start("jellyfin")

    assert running.http.get("/health").text == "Healthy"
    assert running.http.get("/System/Info/Public").json()["StartupWizardCompleted"] is False
    (running.state / "data" / "data" / "jellyfin.db").write_bytes(b"garbage " * 4096)
    assert running.http.get("/health").status_code == 503


def test_tautullis_key_comes_from_the_environment(bench: Bench) -> None:
    """TAUTULLI_API_KEY wins, is not saved, and the database check is a real one."""
    running = bench.start("tautulli", env={"TAUTULLI_API_KEY": "given"})

    def ask(key: str) -> int:
        query = {"apikey": key, "cmd": "status", "check": "database"}
        return running.http.get("/api/v2", params=query).status_code

    assert (ask("given"), ask("wrong")) == (200, 401)
    assert "given" not in (running.state / "config.ini").read_text()


def test_notifiarrs_api_needs_the_accounts_key(bench: Bench) -> None:
    """The front page is open, the API is not."""
    http = bench.start("notifiarr", env={"DN_API_KEY": "given"}).http

    assert http.get("/").status_code == 200
    assert http.get("/api/version").status_code == 401
    assert http.get("/api/version", headers={"X-API-Key": "given"}).status_code == 200


def test_a_heartbeat_needs_its_monitors_token(bench: Bench) -> None:
    """Uptime Kuma answers 404 to an unknown push token and stores what a known one sends."""
    running = bench.start("uptime-kuma")
    assert running.http.get("/api/push/unknown").status_code == 404
    path = running.state / "kuma.db"
    with opened(path) as database:
        database.execute("INSERT INTO monitor (name, push_token) VALUES ('backup', 'known')")

    assert running.http.get("/api/push/known?status=down&msg=late").json() == {"ok": True}

    with opened(path) as database:
        assert database.execute("SELECT status, msg FROM heartbeat").fetchall() == [(0, "late")]
