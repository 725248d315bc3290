"""Containers of the stand-in images behave as those of the real ones do."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import catalog
from tame_components.generated import files_of
from testbed.images import build, known
from testbed.images.services import SERVICES
from tests.harness import stacks
from tests.harness.waiting import eventually
from tests.testbed.apps.ship import PYTHON, Ship, owners, run_in, seeds, stop


ALWAYS = {app for app in known() if catalog()[app].runs == "always"}
CONTAINED = sorted(ALWAYS - {"gluetun", "socket-proxy", "restart-proxy", "dozzle"})
"""Applications that need neither a tunnel nor an engine."""
ON_DEMAND = sorted(set(known()) - ALWAYS - set(SERVICES))
"""Those whose stand-in is no real program: that would need something to do."""
MIB = 1 << 20

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", autouse=True)
def _images(host: str) -> None:
    """All images in one load: one by one they take many times as long."""
    build(host, [*CONTAINED, *ON_DEMAND])


@pytest.mark.parametrize("app", CONTAINED)
def test_a_container_is_small_healthy_and_ends_cleanly(ship: Ship, app: str) -> None:
    """The catalog's probe succeeds; at most 40 MiB are resident; it ends when asked."""
    entry = catalog()[app]
    files = {one.path: one.content.encode() for one in entry.files}
    container = ship.run(app, files=files, environment=entry.environment)
    assert entry.probe
    image: Any = container.image
    own = image.attrs["Config"].get("Healthcheck") or {}
    probe = list(entry.probe.test[1:]) or own["Test"][1:]

    eventually(lambda: run_in(container, *probe)[0] == 0, within=120, every=0.2)

    # Not the usual two samples a second apart: memory is a level.
    told: Any = container.stats(stream=False, one_shot=True)
    memory = told["memory_stats"]
    # "cache" is cgroup v1's word, "file" is v2's
    cached = memory["stats"].get("cache", memory["stats"].get("file", 0))
    assert memory["usage"] - cached <= 40 * MIB
    real = SERVICES.get(app)
    stop(container, real.ends if real else 0)


@pytest.mark.parametrize("app", ON_DEMAND)
def test_what_runs_on_demand_does_it_and_ends(ship: Ship, app: str) -> None:
    """It says what it would do, as the image's user, and ends with 0 by itself."""
    topology = stacks.only(app, vpn=None)
    files = {file.path: file.content.encode() for file in files_of(topology, topology.service(app))}
    container = ship.run(app, *catalog()[app].command, files=files)

    assert container.wait(timeout=120)["StatusCode"] == 0
    assert b"stand-in" in container.logs()


def test_linuxservers_init_is_honoured(ship: Ship) -> None:
    """Ids, umask, secrets as files, seeds as root in order, and the owner of all of /config."""
    key = "0123456789abcdef0123456789abcdef"
    container = ship.run(
        "radarr",
        environment={
            "PUID": "1234",
            "PGID": "1235",
            "UMASK": "002",
            "FILE__RADARR__AUTH__APIKEY": "/run/secrets/api-key",
        },
        files={
            "/run/secrets/api-key": f"{key}\n".encode(),
            "/custom-cont-init.d/20-second": b'echo "second $EUID $RADARR__AUTH__APIKEY"\n',
            "/custom-cont-init.d/10-first": b'echo "first $EUID"; echo made > /config/made\n',
            "/config/deep/old": b"restored by root",
        },
    )
    url = "http://127.0.0.1:7878/api/v3/system/status"

    eventually(
        lambda: run_in(container, "curl", "-fsS", "-H", f"X-Api-Key: {key}", url)[0] == 0,
        within=120,
        every=0.2,
    )

    said = container.logs().decode()
    assert said.index("first 0") < said.index(f"second 0 {key}") < said.index("Bootstrap")
    assert sorted(owners(container).values()) == ["0", "1234"]
    tell = "import os; print(*[os.stat(p)[4:6] for p in %r], oct(os.stat('/config/config.xml')[0]))"
    paths = ["/config", "/config/deep/old", "/config/radarr.db"]
    _, told = run_in(container, PYTHON, "-c", tell % paths)
    assert told.strip() == "(1234, 1235) " * 3 + "0o100664"
    assert run_in(container, "curl", "-fsS", url)[0] == 22


def test_the_interpreter_and_other_programs_are_out_of_reach(ship: Ship) -> None:
    """A probe or seed that needs a program which the real image lacks fails here too."""
    radarr = ship.run("radarr")

    assert run_in(radarr, "bash", "-c", "echo hi")[1] == "hi\n"
    for program in ("python3", "wget", "ls", "perl"):
        assert run_in(radarr, program, "--version")[0] in (126, 127)


def test_a_crashed_service_is_started_again_inside_its_container(ship: Ship) -> None:
    """s6's habit: the process is new, the container is not, and the database is whole."""
    container = ship.run("sonarr", environment={"PUID": "1234"})
    ping = ("curl", "-fsS", "http://127.0.0.1:8989/ping")
    eventually(lambda: run_in(container, *ping)[0] == 0, within=120, every=0.2)

    def service() -> str:
        return next((pid for pid, uid in owners(container).items() if uid == "1234"), "")

    before = service()
    assert run_in(container, "bash", "-c", "kill -9 -1 2>/dev/null; true")[0] in (0, 137)

    eventually(lambda: service() not in ("", before), within=120, every=0.2)
    eventually(lambda: run_in(container, *ping)[0] == 0, within=120, every=0.2)
    container.reload()
    assert container.attrs["RestartCount"] == 0


def test_an_importer_can_make_a_hardlink(ship: Ship) -> None:
    """`os.link` within the container: one inode, two names."""
    container = ship.run("radarr")
    script = (
        "import os; os.makedirs('/data/downloads'); os.makedirs('/data/media'); "
        "open('/data/downloads/a', 'w').close(); os.link('/data/downloads/a', '/data/media/a'); "
        "a, b = os.stat('/data/downloads/a'), os.stat('/data/media/a'); "
        "print(a.st_ino == b.st_ino, a.st_nlink)"
    )

    assert run_in(container, PYTHON, "-c", script) == (0, "True 2\n")


def test_qbittorrent_is_the_real_one(ship: Ship) -> None:
    """It answers its own API as the wanted user, below /config as linuxserver's image."""
    container = ship.run("qbittorrent", environment={"PUID": "1234", "PGID": "1234"})
    url = "http://127.0.0.1:8080"
    eventually(lambda: run_in(container, "curl", "-fsS", f"{url}/")[0] == 0, within=120, every=0.2)

    code, _ = run_in(container, "curl", "-fsS", f"{url}/api/v2/app/version")
    script = "import os; print(os.stat('/config/qBittorrent/qBittorrent.conf').st_uid)"

    assert code == 22
    assert run_in(container, PYTHON, "-c", script)[1] == "1234\n"
    assert run_in(container, "bash", "-c", "echo > /dev/tcp/127.0.0.1/6881")[0] == 0


@pytest.mark.parametrize(
    ("app", "asked"),
    [
        ("bazarr", ("-H", "X-API-KEY: seeded", "http://127.0.0.1:6767/api/system/status")),
        ("sabnzbd", ("http://127.0.0.1:8080/api?mode=queue&apikey=seeded",)),
    ],
)
def test_the_catalogs_seed_sets_the_key(ship: Ship, app: str, asked: tuple[str, ...]) -> None:
    """The script runs with the programs that the image has, and the service takes its key."""
    container = ship.run(app, environment={"PUID": "1234", "PGID": "1235"}, files=seeds(app))

    eventually(lambda: run_in(container, "curl", "-fsS", *asked)[0] == 0, within=120, every=0.2)

    assert "50-seed: exited 0" in container.logs().decode()
    path = {"bazarr": "/config/config/config.yaml", "sabnzbd": "/config/sabnzbd.ini"}[app]
    tell = f"import os; print(os.stat('{path}')[4:6])"
    assert run_in(container, PYTHON, "-c", tell)[1] == "(1234, 1235)\n"


def test_the_catalogs_seed_sets_qbittorrents_password(ship: Ship) -> None:
    """The real program accepts, from another container, the password that the seed gave it."""
    salt = b"0123456789abcdef"
    key = hashlib.pbkdf2_hmac("sha512", b"a long password", salt, 100_000)
    pair = ":".join(base64.b64encode(part).decode() for part in (salt, key))
    server = ship.run("qbittorrent", files=seeds("qbittorrent", password=f"@ByteArray({pair})"))
    client = ship.run("radarr")
    url = f"http://{server.name}:8080/api/v2/auth/login"

    def login(password: str) -> str:
        query = ("--data", "username=admin", "--data-urlencode", f"password={password}")
        return run_in(client, "curl", "-sS", *query, url)[1]

    eventually(lambda: login("a long password") == "Ok.", within=120, every=0.2)
    assert login("another password") == "Fails."


def test_a_bad_release_of_another_version(ship: Ship) -> None:
    """Any tag can be built, claims that version, and misbehaves as told: here it never serves."""
    (name,) = build(ship.host, ["radarr"], tag="5.0.1-exits", fault="exits")
    try:
        container = ship.run("radarr", image=name)
        eventually(lambda: b"built to fail" in container.logs(), within=120, every=0.2)
        assert b"Version 5.0.1" in container.logs()
        labels = ship.client.images.get(name).labels
        assert (labels["tame.stand-in"], labels["tame.stand-in.fault"]) == ("radarr", "exits")
        container.remove(force=True, v=True)
    finally:
        ship.client.images.remove(name)


def test_dozzle_sees_containers_only_through_the_filter(ship: Ship) -> None:
    """Both are without a shell; the filter's own health and dozzle's are real requests."""
    if not ship.host.startswith("unix://"):
        pytest.skip("the engine's socket is not on this machine")
    socket = Path(ship.host.removeprefix("unix://"))
    proxy = ship.run(
        "socket-proxy",
        *catalog()["socket-proxy"].command,
        volumes=[f"{socket}:/var/run/docker.sock:ro"],
        user=f"65534:{socket.stat().st_gid}",
    )
    eventually(lambda: run_in(proxy, "/healthcheck")[0] == 0, within=120, every=0.2)

    dozzle = ship.run("dozzle", environment={"DOCKER_HOST": f"tcp://{proxy.name}:2375"})
    eventually(lambda: run_in(dozzle, "/dozzle", "healthcheck")[0] == 0, within=120, every=0.2)

    ask = (
        "import urllib.request as u; "
        "print(u.urlopen('http://127.0.0.1:8080/api/events/stream').read().decode())"
    )
    assert str(dozzle.name) in run_in(dozzle, PYTHON, "-c", ask)[1]
    for container in (proxy, dozzle):
        assert run_in(container, "sh", "-c", "true")[0] in (126, 127)
        stop(container)
