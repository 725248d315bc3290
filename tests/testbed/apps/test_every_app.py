"""What holds for every stand-in, whatever it stands in for."""

from urllib.parse import urlsplit

import pytest

from tame_components.catalog import catalog
from testbed.apps.__main__ import load
from testbed.images import known
from testbed.images.recipe import version_of
from testbed.images.services import SERVICES
from tests.testbed.apps.harness import PATIENCE, Bench, opened


DEAF = {"tdarr-node", "webgrabplus", "borgmatic", "docker-volume-backup", "fail2ban"}
"""Those that nobody calls: their probes look for a process."""
SERVERS = sorted(
    {app for app in known() if catalog()[app].runs == "always"}
    - set(SERVICES)
    - DEAF
    - {"gluetun", "socket-proxy", "restart-proxy", "dozzle"}
)
"""Those that need neither a tunnel, nor a real program, nor an engine, and answer HTTP."""


def probe_path(app: str) -> str:
    """The path that the catalog's probe asks for; where it runs a program, what that asks for."""
    probe = catalog()[app].probe
    url = next((part for part in (probe.test if probe else ()) if part.startswith("http")), "")
    split = urlsplit(url or (load(app).health or ("/",))[0])
    return f"{split.path or '/'}?{split.query}"


@pytest.mark.parametrize("app", SERVERS)
def test_it_starts_quickly_answers_its_probe_and_stops(bench: Bench, app: str) -> None:
    """A good answer for at most 2 s of processor, an end when asked, databases whole after it."""
    running = bench.start(app)
    answer = running.http.get(probe_path(app), follow_redirects=True)

    assert answer.status_code == 200
    assert running.worked() < 2
    running.stop()
    state = catalog()[app].state
    for database in state.databases if state else ():
        path = running.state / database.path
        assert not path.with_name(path.name + "-wal").exists()
        with opened(path) as kept:
            found = {row[0] for row in kept.execute("SELECT name FROM sqlite_master")}
            assert set(database.tables) <= found
            assert kept.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("app", SERVERS)
def test_the_probe_path_counts_as_health(bench: Bench, app: str) -> None:
    """A release that turns unhealthy does so where the catalog's probe looks."""
    running = bench.start(app, fault="unhealthy")

    assert running.http.get(probe_path(app)).status_code == 500


def is_told(app: str) -> bool:
    """Whether it says its version to everybody: `tdarr` has no key unless it is given one."""
    told = catalog()[app].version
    return told is not None and (told.header is None or app == "tdarr")


@pytest.mark.parametrize("app", [app for app in SERVERS if is_told(app)])
def test_it_claims_the_pins_version(bench: Bench, app: str) -> None:
    """The version that a gate reads, where the catalog says, is the one that the catalog pins."""
    told = catalog()[app].version
    assert told is not None
    answer = bench.start(app).http.get(told.path, headers={"Accept": "application/json"})
    value = answer.json()
    for key in told.pointer.strip("/").split("/"):
        value = value[key]

    assert value == version_of(catalog()[app].image.tag)


@pytest.mark.parametrize("app", ["bazarr", "overseerr", "tautulli", "uptime-kuma", "plex", "emby"])
def test_a_damaged_database_ends_the_start_with_the_catalogs_words(bench: Bench, app: str) -> None:
    """The log holds a signature that the catalog knows, and the process ends with 1."""
    bench.start(app).stop()
    entry = catalog()[app]
    assert entry.state is not None
    _, state = bench.facts(app)
    database = state / entry.state.databases[0].path
    content = database.read_bytes()
    database.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))

    process, _, _, log = bench.launch(app)

    assert process.wait(PATIENCE) == 1
    assert any(signature in log.read_text() for signature in entry.log_signatures)
