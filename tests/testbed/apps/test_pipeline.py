"""What is particular to the stand-ins of downloads, indexers, transcoding and live television."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tame_components.catalog import catalog
from testbed.apps.defaults import fill
from tests.harness.waiting import eventually
from tests.testbed.apps.harness import Bench
from tests.testbed.apps.ship import PYTHON, Ship, owners, run_in, seeds


KEY = "0123456789abcdef0123456789abcdef"
SESSION = "X-Transmission-Session-Id"


def test_transmission_asks_for_its_login_and_a_session(bench: Bench) -> None:
    """401 without the login on every path, 409 with the id to repeat, then the RPC's answers."""
    _, state = bench.facts("transmission")
    fill("transmission", {"USER": "admin", "PASS": "secret"}, state.parent)
    (state.parent / "config/settings.json").rename(state / "settings.json")
    running = bench.start("transmission")
    ask = {"method": "session-get", "tag": 7}

    assert running.http.get("/transmission/web/").status_code == 401
    login = httpx.BasicAuth("admin", "secret")
    first = running.http.post("/transmission/rpc", json=ask, auth=login)
    assert first.status_code == 409
    session = {SESSION: first.headers[SESSION]}
    told = running.http.post("/transmission/rpc", json=ask, auth=login, headers=session).json()

    assert (told["result"], told["tag"]) == ("success", 7)
    assert told["arguments"]["version"].startswith("4.1.3")
    assert "rpc-password" not in told["arguments"]
    wrong = {"method": "no-such-method"}
    answer = running.http.post("/transmission/rpc", json=wrong, auth=login, headers=session)
    assert answer.json()["result"] != "success"


def test_transmission_rewrites_its_settings_when_it_ends(bench: Bench) -> None:
    """What a client changed is kept; what somebody wrote into the file meanwhile is lost."""
    running = bench.start("transmission")
    running.http.post("/transmission/rpc", json={})
    session = {SESSION: running.http.post("/transmission/rpc", json={}).headers[SESSION]}
    change = {"method": "session-set", "arguments": {"download-dir": "/data/elsewhere"}}
    running.http.post("/transmission/rpc", json=change, headers=session)
    running.stop()

    assert '"download-dir": "/data/elsewhere"' in (running.state / "settings.json").read_text()


def test_jackett_refuses_a_wrong_key_in_torznabs_words(bench: Bench) -> None:
    """The key of its file opens the API; errors are XML, as the callers expect."""
    _, state = bench.facts("jackett")
    (state / "Jackett").mkdir()
    (state / "Jackett/ServerConfig.json").write_text(f'{{"APIKey": "{KEY}"}}')
    http = bench.start("jackett").http
    path = "/api/v2.0/indexers/all/results/torznab/api"

    refused = http.get(path, params={"t": "caps", "apikey": "wrong"})
    assert (refused.status_code, 'code="100"' in refused.text) == (401, True)
    assert "<caps>" in http.get(path, params={"t": "caps", "apikey": KEY}).text


def test_a_node_finds_its_server_with_the_key(bench: Bench) -> None:
    """It says so in its log; with another key it goes on asking."""
    told = {"auth": "true", "seededApiKey": f"tapi_{KEY}"}
    server = str(bench.start("tdarr", env=told).http.base_url).rstrip("/")
    wrong = bench.start("tdarr-node", env={"serverURL": server, "apiKey": "tapi_other"})
    eventually(lambda: "Server not alive" in wrong.log.read_text())
    wrong.stop()

    right = bench.start("tdarr-node", env={"serverURL": server, "apiKey": f"tapi_{KEY}"})
    eventually(lambda: "connected to" in right.log.read_text())


TOLD = {
    "recyclarr": (
        "radarr:\n  radarr-4k:\n    base_url: {url}\n    api_key: !env_var 'radarr-4k_api_key'\n"
    ),
    "kometa": "radarr:\n  url: {url}\n  token: <<radarr-4kkey>>\n",
}


@pytest.mark.parametrize(
    ("app", "variable", "said"),
    [
        ("recyclarr", "radarr-4k_api_key", "radarr-4k: 6.2.1.10461 answers"),
        ("kometa", "KOMETA_radarr-4kkey", "radarr: {url} answers"),
    ],
)
def test_what_runs_on_demand_asks_whom_it_is_told_of(
    bench: Bench, tmp_path: Path, app: str, variable: str, said: str
) -> None:
    """At the address of its file, with the key that the file names; it shows no secret."""
    radarr = bench.start("radarr", env={"RADARR__AUTH__APIKEY": KEY})
    url = str(radarr.http.base_url).rstrip("/")
    path = tmp_path / "configuration.yml"
    path.write_text(TOLD[app].format(url=url))
    facts, _ = bench.facts(app)
    command = [sys.executable, "-m", "testbed.apps", str(facts), "sync", "--config", str(path)]
    env = {variable: KEY, "KOMETA_CONFIG": str(path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
    assert said.format(url=url) in done.stdout
    assert KEY not in done.stdout


def test_recyclarr_without_its_file_says_so(bench: Bench) -> None:
    """As the real one, which was told to read that file and no other."""
    facts, _ = bench.facts("recyclarr")
    command = [sys.executable, "-m", "testbed.apps", str(facts), *catalog()["recyclarr"].command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert "Could not find configuration files: /etc/recyclarr/recyclarr.yml" in done.stdout


@pytest.mark.engine
def test_the_guides_server_shows_the_guide_and_no_password(ship: Ship, tmp_path: Path) -> None:
    """The real server, as any user, on read-only mounts: a provider's list stays out of reach."""
    for name, text in (
        ("webgrabplus/guide.xml", "<tv></tv>"),
        ("threadfin/threadfin.m3u", "#EXTM3U"),
        ("threadfin/A1.m3u", "http://user:password@provider"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    tmp_path.chmod(0o755)
    (file,) = catalog()["static-server"].files
    container = ship.run(
        "static-server",
        files={file.path: file.content.encode()},
        environment=catalog()["static-server"].environment,
        volumes=[f"{tmp_path}:/srv:ro"],
        user="20001:20001",
    )

    def ask(path: str) -> tuple[int, str]:
        return run_in(container, "wget", "-q", "-O", "-", f"http://127.0.0.1:8080{path}")

    eventually(lambda: ask("/healthz") == (0, "ok"), within=120, every=0.2)
    assert ask("/webgrabplus/guide.xml") == (0, "<tv></tv>")
    assert ask("/threadfin/threadfin.m3u") == (0, "#EXTM3U")
    assert "caddy_http" in ask("/metrics")[1]
    for hidden in ("/threadfin/A1.m3u", "/threadfin/", "/"):
        assert ask(hidden)[0] != 0, hidden


@pytest.mark.engine
def test_a_vendors_image_becomes_the_wanted_user(ship: Ship) -> None:
    """Without linuxserver's init: the process and its state belong to PUID and PGID."""
    ids = {"PUID": "1234", "PGID": "1235", "UMASK": "007"}
    container = ship.run("profilarr", environment=ids)
    url = "http://127.0.0.1:6868/api/v1/health"
    eventually(lambda: run_in(container, "curl", "-fsS", url)[0] == 0, within=120, every=0.2)

    assert set(owners(container).values()) == {"1234"}
    tell = (
        "import os; s = os.stat('/config/data/profilarr.db'); print(s.st_uid, s.st_gid, oct(s[0]))"
    )
    assert run_in(container, PYTHON, "-c", tell)[1] == "1234 1235 0o100640\n"


@pytest.mark.engine
def test_the_seed_moves_the_guide_to_where_it_can_be_mounted(ship: Ship) -> None:
    """The image's own program sees the new place, and others may read what it writes there."""
    container = ship.run("webgrabplus", environment={"PUID": "1234"}, files=seeds("webgrabplus"))
    eventually(
        lambda: run_in(container, "cat", "/config/guide/guide.xml")[0] == 0, within=120, every=0.2
    )

    assert run_in(container, "pidof", "crond")[0] == 0
    tell = "import os; print(oct(os.stat('/config/guide')[0]), os.stat('/config/guide').st_uid)"
    assert run_in(container, PYTHON, "-c", tell)[1] == "0o40755 1234\n"
