"""Stand-in images: what is in them, and that containers made of them behave as the real ones do."""

import base64
import hashlib
import io
import subprocess
import sys
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tame_components.catalog import catalog
from testbed.engine import ensure
from testbed.images import FaultUnknown, NoStandIn, build, fidelity, known
from testbed.images.layer import Tree, kept
from testbed.images.recipe import Recipe, version_of


PYTHON = "/opt/stand-in/bin/python3"
CONTAINED = sorted(set(known()) - {"gluetun", "socket-proxy", "dozzle"})
"""Applications that need neither a tunnel nor an engine."""
MIB = 1 << 20


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("6.2.1.10461-ls308", "6.2.1.10461"),
        ("v1.6.0-ls360", "1.6.0"),
        ("5.2.3_v2.0.13-ls469", "5.2.3"),
        ("10.11.11ubu2604-ls43", "10.11.11"),
        ("1.43.3.10828-00f62d37d-ls315", "1.43.3.10828-00f62d37d"),
        ("2.7.3", "2.7.3"),
    ],
)
def test_a_tag_holds_the_applications_version(tag: str, version: str) -> None:
    """A stand-in claims the version of its tag, without the packager's additions."""
    assert version_of(tag) == version


def test_equal_content_makes_equal_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer's digest depends on its content alone: not on order, time or who makes it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def one(tree: Tree) -> None:
        tree.file("a/b", b"x")
        tree.link("c", "/a/b")

    def other(tree: Tree) -> None:
        tree.link("c", "/a/b")
        tree.file("a/b", b"x")

    first, second = kept("one", "key", one), kept("two", "key", other)

    assert first.digest == second.digest
    with tarfile.open(first.path) as tar:
        assert tar.getnames() == ["a", "a/b", "c"]
    assert kept("one", "key", lambda _: pytest.fail("made again")) == first


@pytest.mark.parametrize("app", [app for app in known() if app != "gluetun"])
def test_an_image_has_no_program_that_the_real_one_lacks(app: str) -> None:
    """On the PATH lies what the catalog names, and what is missing is said in a label."""
    recipe = Recipe(catalog()[app], "1.2.3", "")
    tree = Tree()
    recipe.fill(tree)
    named = set(catalog()[app].programs.names)
    on_path = {path.rpartition("/")[2] for path in tree.paths() if path.startswith("usr/bin/")}

    assert on_path <= named
    assert named == on_path | set(recipe.real) | set(recipe.missing) | _elsewhere(app)
    config = recipe.config([], "mark")["config"]
    assert config["Labels"]["tame.stand-in"] == app
    assert config["Labels"]["tame.stand-in.missing"].split() == list(recipe.missing)


def _elsewhere(app: str) -> set[str]:
    """Programs that the real image has outside of the PATH."""
    places = {"dozzle": {"dozzle"}, "socket-proxy": {"socket-proxy", "healthcheck"}}
    return {**places, "uptime-kuma": {"healthcheck"}}.get(app, set())


def test_unknown_wishes_are_refused() -> None:
    """An application without a stand-in and a fault that nothing plays are errors with a hint."""
    with pytest.raises(NoStandIn, match="no stand-in of `nothing`"):
        build("unix:///absent.sock", ["nothing"])
    with pytest.raises(FaultUnknown, match="no such fault: `odd`"):
        build("unix:///absent.sock", ["radarr"], fault="odd")


class Ship:
    """Containers of one test, on a network of their own."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.client = docker.DockerClient(base_url=host)
        self.name = f"tame-test-images-{uuid.uuid4().hex[:8]}"
        self.network = self.client.networks.create(self.name, labels={"tame.test": self.name})

    def run(
        self,
        app: str,
        *command: str,
        files: dict[str, bytes] | None = None,
        image: str | None = None,
        environment: dict[str, str] | None = None,
        volumes: list[str] | None = None,
        user: str | None = None,
    ) -> Container:
        """A running container of *app*; *files* lie in it before it starts."""
        name = image or build(self.host, [app])[0]
        container = self.client.containers.create(
            name,
            list(command) or None,
            name=f"{self.name}-{app}-{uuid.uuid4().hex[:4]}",
            network=self.name,
            environment=environment,
            volumes=volumes,
            user=user,
            labels={"tame.test": self.name},
        )
        for path, content in (files or {}).items():
            container.put_archive("/", _packed(path, content))
        container.start()
        return container

    def close(self) -> None:
        """Removes all of it."""
        for container in self.client.containers.list(
            all=True, filters={"label": f"tame.test={self.name}"}
        ):
            container.remove(force=True, v=True)
        self.network.remove()
        self.client.close()


def _packed(path: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for parent in reversed(Path(path).parents[:-1]):
            folder = tarfile.TarInfo(str(parent).lstrip("/"))
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        info = tarfile.TarInfo(path.lstrip("/"))
        info.size = len(content)
        info.mode = 0o755
        tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture(scope="module")
def host() -> str:
    """The engine's address."""
    return ensure().host


@pytest.fixture
def ship(host: str) -> Iterator[Ship]:
    """Where containers are started; all are removed afterwards."""
    found = Ship(host)
    yield found
    found.close()


def eventually(check: Callable[[], object], within: float = 20.0) -> None:
    """Returns when *check* is true; fails when it is not after *within* seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not check():
        assert time.monotonic() < deadline, f"not within {within} s"
        pause.wait(0.1)


def run_in(container: Container, *command: str) -> tuple[int, str]:
    """Exit code and output of *command* inside *container*."""
    answer: Any = container.exec_run(list(command))
    return answer.exit_code, answer.output.decode()


def owners(container: Container) -> dict[str, str]:
    """Process id -> numeric user id, for all that runs in *container*."""
    top = container.top(ps_args="-eo pid,uid")
    return dict(row[:2] for row in top["Processes"])


def stop(container: Container) -> float:
    """Stops it; how long that took. Fails unless it ends with 0."""
    begun = time.monotonic()
    container.stop(timeout=30)
    took = time.monotonic() - begun
    assert container.wait()["StatusCode"] == 0, container.logs().decode()
    return took


@pytest.mark.engine
def test_a_second_build_changes_nothing_and_is_quick(host: str) -> None:
    """All images are there, a second build leaves their ids and takes at most 3 s of processor."""
    names = build(host)
    client = docker.DockerClient(base_url=host)
    try:
        before = [client.images.get(name).id for name in names]
        begun = time.process_time()

        assert build(host) == names

        assert time.process_time() - begun < 3
        assert [client.images.get(name).id for name in names] == before
    finally:
        client.close()
    assert {name.partition(":")[0] for name in names} == {f"tame.invalid/{a}" for a in known()}


@pytest.mark.engine
@pytest.mark.parametrize("app", CONTAINED)
def test_a_container_is_small_healthy_and_ends_cleanly(ship: Ship, app: str) -> None:
    """The catalog's probe succeeds; at most 40 MiB are resident; a stop takes at most 2 s."""
    container = ship.run(app)
    probe = list(catalog()[app].probe.test[1:]) or ["extra/healthcheck"]

    eventually(lambda: run_in(container, *probe)[0] == 0)

    told: Any = container.stats(stream=False)
    memory = told["memory_stats"]
    # "cache" is cgroup v1's word, "file" is v2's
    cached = memory["stats"].get("cache", memory["stats"].get("file", 0))
    assert memory["usage"] - cached <= 40 * MIB
    assert stop(container) < 2


@pytest.mark.engine
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

    eventually(lambda: run_in(container, "curl", "-fsS", "-H", f"X-Api-Key: {key}", url)[0] == 0)

    said = container.logs().decode()
    assert said.index("first 0") < said.index(f"second 0 {key}") < said.index("Bootstrap")
    assert sorted(owners(container).values()) == ["0", "1234"]
    tell = "import os; print(*[os.stat(p)[4:6] for p in %r], oct(os.stat('/config/config.xml')[0]))"
    paths = ["/config", "/config/deep/old", "/config/radarr.db"]
    _, told = run_in(container, PYTHON, "-c", tell % paths)
    assert told.strip() == "(1234, 1235) " * 3 + "0o100664"
    assert run_in(container, "curl", "-fsS", url)[0] == 22


@pytest.mark.engine
def test_the_interpreter_and_other_programs_are_out_of_reach(ship: Ship) -> None:
    """A probe or seed that needs a program which the real image lacks fails here too."""
    radarr = ship.run("radarr")

    assert run_in(radarr, "bash", "-c", "echo hi")[1] == "hi\n"
    for program in ("python3", "wget", "ls", "perl"):
        assert run_in(radarr, program, "--version")[0] in (126, 127)


@pytest.mark.engine
def test_a_crashed_service_is_started_again_inside_its_container(ship: Ship) -> None:
    """s6's habit: the process is new, the container is not, and the database is whole."""
    container = ship.run("sonarr", environment={"PUID": "1234"})
    ping = ("curl", "-fsS", "http://127.0.0.1:8989/ping")
    eventually(lambda: run_in(container, *ping)[0] == 0)

    def service() -> str:
        return next((pid for pid, uid in owners(container).items() if uid == "1234"), "")

    before = service()
    assert run_in(container, "bash", "-c", "kill -9 -1 2>/dev/null; true")[0] in (0, 137)

    eventually(lambda: service() not in ("", before))
    eventually(lambda: run_in(container, *ping)[0] == 0)
    container.reload()
    assert container.attrs["RestartCount"] == 0


@pytest.mark.engine
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


@pytest.mark.engine
def test_qbittorrent_is_the_real_one(ship: Ship) -> None:
    """It answers its own API as the wanted user, below /config as linuxserver's image."""
    container = ship.run("qbittorrent", environment={"PUID": "1234", "PGID": "1234"})
    url = "http://127.0.0.1:8080"
    eventually(lambda: run_in(container, "curl", "-fsS", f"{url}/")[0] == 0)

    code, _ = run_in(container, "curl", "-fsS", f"{url}/api/v2/app/version")
    script = "import os; print(os.stat('/config/qBittorrent/qBittorrent.conf').st_uid)"

    assert code == 22
    assert run_in(container, PYTHON, "-c", script)[1] == "1234\n"
    assert run_in(container, "bash", "-c", "echo > /dev/tcp/127.0.0.1/6881")[0] == 0


@pytest.mark.engine
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

    eventually(lambda: run_in(container, "curl", "-fsS", *asked)[0] == 0)

    assert "50-seed: exited 0" in container.logs().decode()
    path = {"bazarr": "/config/config/config.yaml", "sabnzbd": "/config/sabnzbd.ini"}[app]
    tell = f"import os; print(os.stat('{path}')[4:6])"
    assert run_in(container, PYTHON, "-c", tell)[1] == "(1234, 1235)\n"


def seeds(app: str, **secrets: str) -> dict[str, bytes]:
    """The catalog's seed script and secrets, as a stack would put them into a container."""
    seed = catalog()[app].seed
    assert seed is not None
    told = {"api-key": "seeded", "password": "adminadmin", **secrets}
    files = {f"/run/secrets/{name}": value.encode() for name, value in told.items()}
    return {**files, "/custom-cont-init.d/50-seed": seed.script.lstrip().encode()}


@pytest.mark.engine
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

    eventually(lambda: login("a long password") == "Ok.")
    assert login("another password") == "Fails."


@pytest.mark.engine
def test_a_bad_release_of_another_version(ship: Ship) -> None:
    """Any tag can be built, claims that version, and misbehaves as told: here it never serves."""
    (name,) = build(ship.host, ["radarr"], tag="9.9.9", fault="exits")
    try:
        container = ship.run("radarr", image=name)
        eventually(lambda: b"built to fail" in container.logs())
        assert b"Version 9.9.9" in container.logs()
        labels = ship.client.images.get(name).labels
        assert (labels["tame.stand-in"], labels["tame.stand-in.fault"]) == ("radarr", "exits")
        container.remove(force=True, v=True)
    finally:
        ship.client.images.remove(name)


@pytest.mark.engine
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
    eventually(lambda: run_in(proxy, "/healthcheck")[0] == 0)

    dozzle = ship.run("dozzle", environment={"DOCKER_HOST": f"tcp://{proxy.name}:2375"})
    eventually(lambda: run_in(dozzle, "/dozzle", "healthcheck")[0] == 0)

    ask = (
        "import urllib.request as u; "
        "print(u.urlopen('http://127.0.0.1:8080/api/events/stream').read().decode())"
    )
    assert str(dozzle.name) in run_in(dozzle, PYTHON, "-c", ask)[1]
    for container in (proxy, dozzle):
        assert run_in(container, "sh", "-c", "true")[0] in (126, 127)
        assert stop(container) < 2


def test_every_stand_in_says_what_it_leaves_out() -> None:
    """What a person reads about fidelity is one sentence or more for each application."""
    told = {app: fidelity(app) for app in known()}

    assert all(len(words) > len("Requests.") for words in told.values())
    assert "4." in told["qbittorrent"] or "5." in told["qbittorrent"]


def test_the_command_line_names_what_is_wrong() -> None:
    """An error has its hint and code, and the exit code is 1."""
    command = [sys.executable, "-m", "testbed.images", "build", "--host", "unix:///absent", "nix"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "no stand-in of `nix`" in done.stderr
    assert "[TAME731]" in done.stderr
