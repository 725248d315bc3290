"""The Servarr stand-ins answer as the real applications do, good days and bad."""

import xml.etree.ElementTree as ET
from pathlib import Path

import httpx
import pytest

from tests.harness.waiting import eventually
from tests.testbed.apps.harness import PATIENCE, Bench, opened


KEY = "0123456789abcdef0123456789abcdef"
API = {"radarr": "/api/v3", "sonarr": "/api/v3", "prowlarr": "/api/v1"}


def environment(app: str) -> dict[str, str]:
    return {f"{app.upper()}__AUTH__APIKEY": KEY}


@pytest.mark.parametrize("app", API)
def test_the_key_opens_the_api_in_three_ways(bench: Bench, app: str) -> None:
    """Header, query and bearer are all accepted; no key and a wrong key get 401."""
    http = bench.start(app, env=environment(app)).http
    path = f"{API[app]}/system/status"

    assert http.get("/ping").json() == {"status": "OK"}
    assert http.head("/ping").status_code == 200
    assert http.get(path).status_code == 401
    assert http.get(path, headers={"X-Api-Key": KEY[::-1]}).status_code == 401
    for answer in (
        http.get(path, headers={"X-Api-Key": KEY}),
        http.get(path, params={"apikey": KEY}),
        http.get(path, headers={"Authorization": f"Bearer {KEY}"}),
    ):
        assert answer.status_code == 200
        assert answer.json()["appName"].lower() == app


def test_the_environments_key_is_not_written_back(bench: Bench) -> None:
    """The key in config.xml stays the application's own, and counts again without the variable."""
    first = bench.start("radarr", env=environment("radarr"))
    stored = ET.parse(first.state / "config.xml").findtext("ApiKey")  # noqa: S314 - our own file
    first.stop()
    second = bench.start("radarr")

    assert stored
    assert stored != KEY
    for key, status in ((stored, 200), (KEY, 401)):
        answer = second.http.get("/api/v3/system/status", headers={"X-Api-Key": key})
        assert answer.status_code == status


def test_ping_reads_the_database_and_status_does_not(bench: Bench) -> None:
    """A database that was overwritten while the application runs is seen by /ping alone."""
    running = bench.start("radarr", env=environment("radarr"))
    (running.state / "radarr.db").write_bytes(b"garbage " * 4096)

    answer = running.http.get("/ping")
    status = running.http.get("/api/v3/system/status", headers={"X-Api-Key": KEY})

    assert (answer.status_code, answer.json()) == (500, {"status": "Error"})
    assert status.status_code == 200


@pytest.mark.parametrize("damage", [b"not a database at all " * 400, None], ids=["file", "page"])
def test_a_damaged_database_stops_the_start(bench: Bench, damage: bytes | None) -> None:
    """The application says so in the real words, listens nowhere, waits, and ends on SIGTERM."""
    bench.start("radarr").stop()
    _, state = bench.facts("radarr")
    _spoil(state / "radarr.db", damage)

    process, port_file, _, log = bench.launch("radarr")
    eventually(lambda: "Non-recoverable failure" in log.read_text())

    assert "is corrupt, restore from backup if available" in log.read_text()
    assert "database-disk-image-is-malformed" in log.read_text()
    assert process.poll() is None
    assert not port_file.exists()
    process.terminate()
    assert process.wait(PATIENCE) == 1


def test_the_driver_says_malformed(bench: Bench) -> None:
    """A garbage page is logged with SQLite's own signature, which the catalog searches for."""
    bench.start("radarr").stop()
    _, state = bench.facts("radarr")
    _spoil(state / "radarr.db", None)

    _, _, _, log = bench.launch("radarr")

    eventually(lambda: "database disk image is malformed" in log.read_text())


def _spoil(path: Path, damage: bytes | None) -> None:
    """Overwrites the whole file, or every page but the first (None)."""
    content = path.read_bytes()
    path.write_bytes(damage or content[:4096] + b"\xa5" * (len(content) - 4096))


def test_a_damaged_log_database_is_made_anew(bench: Bench) -> None:
    """logs.db is the application's own business: it deletes and recreates it."""
    bench.start("sonarr").stop()
    _, state = bench.facts("sonarr")
    (state / "logs.db").write_bytes(b"garbage " * 4096)

    running = bench.start("sonarr")

    assert running.http.get("/ping").status_code == 200
    running.stop()
    with opened(state / "logs.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_restored_database_replaces_the_old_one_with_its_log(bench: Bench) -> None:
    """`<app>.db.restore` wins at the next start, and an old -wal beside it is not replayed."""
    running = bench.start("radarr", env=environment("radarr"))
    _add_movie(running.http, 1)
    running.stop()
    _, state = bench.facts("radarr")
    (state / "radarr.db.restore").write_bytes((state / "radarr.db").read_bytes())
    (state / "radarr.db-wal").write_bytes(b"stale")
    (state / "radarr.db").write_bytes(b"garbage")

    restored = bench.start("radarr", env=environment("radarr"))

    movies = restored.http.get("/api/v3/movie", params={"apikey": KEY}).json()
    assert [movie["tmdbId"] for movie in movies] == [1]


def _add_movie(http: httpx.Client, number: int) -> httpx.Response:
    body = {"title": f"Movie {number}", "tmdbId": number, "rootFolderPath": "/data/media/movies"}
    return http.post("/api/v3/movie", json=body, params={"apikey": KEY})


def test_what_was_acknowledged_is_in_one_file_after_a_stop(bench: Bench) -> None:
    """A clean stop writes the log back: the database file alone has every row."""
    running = bench.start("radarr", env=environment("radarr"))
    for number in range(1, 21):
        assert _add_movie(running.http, number).status_code == 201
    assert _add_movie(running.http, 20).status_code == 409
    assert (running.state / "radarr.db-wal").exists()

    running.stop()

    assert not (running.state / "radarr.db-wal").exists()
    with opened(running.state / "radarr.db") as database:
        assert database.execute('SELECT COUNT(*) FROM "Movies"').fetchone() == (20,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_root_folder_must_be_usable(bench: Bench, tmp_path: Path) -> None:
    """It must exist, and hold or lie in no other root; one that vanishes is a health error."""
    running = bench.start("sonarr", env=environment("sonarr"))
    media = tmp_path / "media"
    (media / "tv").mkdir(parents=True)

    def add(path: Path) -> int:
        body = {"path": str(path)}
        url = "/api/v3/rootfolder"
        return running.http.post(url, json=body, params={"apikey": KEY}).status_code

    assert add(tmp_path / "absent") == 400
    assert add(media / "tv") == 201
    assert add(media / "tv") == 400
    assert add(media) == 400
    listed = running.http.get("/api/v3/rootfolder", params={"apikey": KEY}).json()
    assert [(entry["path"], entry["accessible"]) for entry in listed] == [(str(media / "tv"), True)]
    assert running.http.get("/api/v3/health", params={"apikey": KEY}).json() == []
    (media / "tv").rmdir()
    (warning,) = running.http.get("/api/v3/health", params={"apikey": KEY}).json()
    assert (warning["source"], warning["type"]) == ("RootFolderCheck", "error")


def test_a_short_key_is_a_warning(bench: Bench) -> None:
    """Keys below 20 characters work, and health says that they are too short."""
    http = bench.start("prowlarr", env={"PROWLARR__AUTH__APIKEY": "short"}).http

    (warning,) = http.get("/api/v1/health", params={"apikey": "short"}).json()

    assert warning["source"] == "ApiKeyValidationCheck"


def test_a_url_base_moves_everything(bench: Bench) -> None:
    """Below the base all answers; outside of it the client is sent there."""
    http = bench.start("radarr", env={"RADARR__SERVER__URLBASE": "/movies"}).http

    assert http.get("/movies/ping").status_code == 200
    assert http.get("/ping").status_code == 307
    assert http.get("/ping").headers["location"] == "/movies/ping"


def test_a_broken_config_file_stops_the_start(bench: Bench) -> None:
    """config.xml that is no XML is fatal, as an operator would see it."""
    _, state = bench.facts("radarr")
    (state / "config.xml").write_text("<Config><ApiKey>")

    _, port_file, _, log = bench.launch("radarr")

    eventually(lambda: "must be recreated" in log.read_text())
    assert not port_file.exists()
