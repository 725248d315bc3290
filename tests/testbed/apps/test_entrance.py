"""The stand-ins at the entrance: what passes, what does not, and who decides."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from testbed.apps import authelia, traefik
from testbed.apps.place import Place
from testbed.apps.settings_yaml import parse
from testbed.apps.web import Request
from tests.testbed.apps.harness import PATIENCE, Bench, Running


SETTINGS = [
    {"http": {"routers": {"a": {"rule": "Host(`a.example.org`)", "entryPoints": ["web"]}}}},
    {"empty": {}, "none": None, "list": [], "flag": True, "number": 3, "quoted": "a: b", "h": "#x"},
    [{"name": "x", "nested": {"list": ["1", 2, "it's"]}}, {"name": "y"}, "plain", ["deep", "er"]],
    {"targets": [{"targets": ["radarr:7878"], "labels": {"kind": "a-b"}}], "url": "http://x:1/"},
]


@pytest.mark.parametrize("value", SETTINGS)
def test_what_a_generator_writes_is_read_back(value: Any) -> None:
    """Block style of PyYAML's safe dump, as `generated/yaml_text.py` writes it."""
    assert parse(yaml.safe_dump(value, sort_keys=False, width=100)) == value


def test_settings_beyond_the_subset_are_refused() -> None:
    """Better no start than a route that was not understood."""
    with pytest.raises(ValueError, match="no key"):
        parse("a: 1\n? b\n")


class Proxy:
    """Traefik with a route to *radarr*, guarded or not."""

    def __init__(self, folder: Path, radarr: Running, login: Running | None = None) -> None:
        http: dict[str, Any] = {
            "routers": {
                "radarr": {
                    "rule": "Host(`radarr.example.org`)",
                    "service": "radarr",
                    "middlewares": ["sign-on"] if login else [],
                }
            },
            "services": {"radarr": {"loadBalancer": {"servers": [{"url": _base(radarr)}]}}},
        }
        if login:
            address = f"{_base(login)}/api/authz/forward-auth"
            http["middlewares"] = {"sign-on": {"forwardAuth": {"address": address}}}
        settings = folder / "tame.yml"
        settings.write_text(yaml.safe_dump({"http": http}, sort_keys=False))
        told = type("Told", (traefik.StandIn,), {"settings": settings})
        place = Place(app="traefik", version="3.7.9", state=folder, port=0)
        self._app = told(place)

    def get(self, host: str, path: str, **headers: str) -> tuple[int, bytes, str]:
        """Status, body and `Location` of the answer."""
        sent = {"host": host, **headers}
        answer = self._app.handle(Request("GET", path, {}, sent, b"", "203.0.113.7"))
        return answer.status, answer.body, str(answer.headers.get("Location", ""))


def _base(running: Running) -> str:
    return str(running.http.base_url).rstrip("/")


def test_a_known_host_is_passed_on_and_an_unknown_one_is_not(bench: Bench, tmp_path: Path) -> None:
    """By name only; without a route there is Traefik's own 404."""
    proxy = Proxy(tmp_path, bench.start("radarr"))

    assert proxy.get("radarr.example.org", "/ping")[:2] == (200, b'{"status": "OK"}')
    assert proxy.get("sonarr.example.org", "/series")[:2] == (404, b"404 page not found\n")


def test_a_guarded_host_needs_a_login(bench: Bench, tmp_path: Path) -> None:
    """Authelia refuses a program and sends a browser to its portal, with the way back."""
    settings = tmp_path / "configuration.yml"
    settings.write_text("session:\n  cookies:\n  - authelia_url: https://login.example.org\n")
    proxy = Proxy(tmp_path, bench.start("radarr"), bench.start("authelia"))
    browser = Request(
        "GET",
        "/api/authz/forward-auth",
        {},
        {
            "accept": "text/html",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "radarr.example.org",
            "x-forwarded-uri": "/movies",
        },
        b"",
        "203.0.113.7",
    )
    portal = type("Told", (authelia.StandIn,), {"settings": settings})
    place = Place(app="authelia", version="4.39.20", state=tmp_path, port=0)

    assert proxy.get("radarr.example.org", "/ping")[0] == 401
    answer = portal(place).handle(browser)
    assert answer.status == 302
    assert answer.headers["Location"] == (
        "https://login.example.org/?rd=https%3A%2F%2Fradarr.example.org%2Fmovies"
    )


def test_a_target_that_is_gone_is_a_bad_gateway(bench: Bench, tmp_path: Path) -> None:
    """502, and the proxy itself stays well."""
    radarr = bench.start("radarr")
    proxy = Proxy(tmp_path, radarr)
    radarr.stop()

    assert proxy.get("radarr.example.org", "/ping")[0] == 502
    assert proxy.get("localhost", "/ping")[:2] == (200, b"OK")


def test_nginx_proxy_manager_says_whether_somebody_was_set_up(bench: Bench) -> None:
    """`GET /api/` asks the database, and names the version in three numbers."""
    told = bench.start("nginx-proxy-manager").http.get("/api/").json()

    assert told == {
        "status": "OK",
        "setup": False,
        "version": {"major": 2, "minor": 15, "revision": 1},
    }


def test_cloudflared_refuses_an_empty_token(bench: Bench, tmp_path: Path) -> None:
    """A token is a must where a file is named; with one, it says that it is connected."""
    token = tmp_path / "token"
    token.write_text("\n")
    process, _, _, log = bench.launch("cloudflared", env={"TUNNEL_TOKEN_FILE": str(token)})

    assert process.wait(PATIENCE) == 1
    assert "token is not valid" in log.read_text()
    token.write_text("eyJ")
    running = bench.start("cloudflared", env={"TUNNEL_TOKEN_FILE": str(token)})
    assert running.http.get("/ready").json()["readyConnections"] == 4
