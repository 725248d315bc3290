"""A Docker Compose stack that runs becomes a TAME stack, and its applications do not notice."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml
from docker.models.containers import Container

from bench.composer import Composer, installed
from tame_components.catalog import catalog
from testbed.project import ROOT, Project
from tests.harness.rehearsal import Rehearsal, environment
from tests.harness.waiting import eventually


PYTHON = "/opt/stand-in/bin/python3"
OWN = "0123456789abcdef0123456789abcdef"
"""Prowlarr's key stands in its Compose file, as people do."""
PORTS = {"radarr": (7878, "v3"), "sonarr": (8989, "v3"), "prowlarr": (9696, "v1")}
FILES = {"radarr": "1234:1235", "sonarr": "911:911", "prowlarr": "1234:1235"}
"""Whose files are: linuxserver's 911 where nobody says."""

ROWS = (
    "import sqlite3; one = sqlite3.connect('/config/{app}.db', timeout=20); "
    "one.execute('PRAGMA journal_mode=WAL'); "
    "one.executemany('INSERT INTO Tags (Label) VALUES (?)', [(f'mine-{{n}}',) for n in range(40)]);"
    " one.commit(); print(one.execute('SELECT count(*) FROM Tags').fetchone()[0])"
)
COUNT = (
    "import sqlite3; one = sqlite3.connect('/config/{app}.db', timeout=20); "
    "print(one.execute(\"SELECT count(*) FROM Tags WHERE Label LIKE 'mine-%'\").fetchone()[0])"
)
KEY = "import re; print(re.search('<ApiKey>(.*)</ApiKey>', open('/config/config.xml').read())[1])"
ASK = (
    "import urllib.error, urllib.request as r\n"
    "q = r.Request('http://127.0.0.1:{port}/api/{api}/system/status')\n"
    "q.add_header('X-Api-Key', '{key}')\n"
    "try: print(r.urlopen(q, timeout=10).status)\n"
    "except urllib.error.HTTPError as e: print(e.code)\n"
)


def run(container: Container, program: str) -> str:
    """What *program* prints in *container*, as root."""
    code, output = container.exec_run([PYTHON, "-c", program])
    text = b"".join([output] if isinstance(output, bytes) else output).decode()
    assert code == 0, text
    return text.strip()


def asked(container: Container, app: str, key: str) -> str:
    """The status that the API of *app* answers to *key* with."""
    port, api = PORTS[app]
    return run(container, ASK.format(port=port, api=api, key=key))


def answers(old: "Old", app: str) -> bool:
    """Whether *app* is there, and wants a key."""
    return asked(old.container(app), app, "none") == "401"


class Old:
    """A Compose project, and the TAME project that it goes over into."""

    def __init__(
        self, composer: Composer, place: Path, client: docker.DockerClient, host: str
    ) -> None:
        self.name = f"o{secrets.token_hex(3)}"
        self.place, self.client, self.host, self._composer = place, client, host, composer
        (place / "media").mkdir()
        (place / "docker-compose.yml").write_text(yaml.safe_dump(self._file()))
        (place / "project").mkdir()
        for name in ("stacks", "policies", ".venv", "Pulumi.yaml"):
            (place / "project" / name).symlink_to(ROOT / name)
        self.env = environment(place)

    def _file(self) -> dict[str, Any]:
        ids = {"PUID": "1234", "PGID": "1235", "UMASK": "002"}
        own = {**ids, "PROWLARR__AUTH__APIKEY": OWN}

        def service(app: str, environment: dict[str, str], *mounts: str) -> dict[str, Any]:
            image = f"tame.invalid/{app}:{catalog()[app].image.tag}"
            return {"image": image, "environment": environment, "volumes": [*mounts]}

        return {
            "name": self.name,
            "services": {
                "radarr": service("radarr", ids, "films:/config", "./media:/data"),
                "sonarr": service("sonarr", {}, "./config/sonarr:/config", "./media:/data"),
                "prowlarr": {**service("prowlarr", own, "/config"), "restart": "always"},
            },
            "volumes": {"films": None},
        }

    def compose(self, *words: str) -> None:
        """Run Docker Compose beside the file."""
        subprocess.run(
            [*self._composer.command, *words],
            cwd=self.place,
            env={**os.environ, "DOCKER_HOST": self.host},
            capture_output=True,
            check=True,
        )

    def container(self, service: str) -> Container:
        """The old container of *service*."""
        return self.client.containers.get(f"{self.name}-{service}-1")

    def containers(self) -> dict[str, str]:
        """Name -> state of every container of the project."""
        label = f"com.docker.compose.project={self.name}"
        found = self.client.containers.list(all=True, filters={"label": label})
        return {str(one.name): one.status for one in found}

    def volumes(self) -> set[str]:
        """Everything that the old containers mount by a volume, with or without a name."""
        mounts = [m for s in PORTS for m in self.container(s).attrs["Mounts"]]
        return {one["Name"] for one in mounts if one["Type"] == "volume"}

    def tame(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`tame import --adopt`, in the project."""
        return subprocess.run(
            ["tame", "import", "../docker-compose.yml", "--adopt", "--engine", self.host, *words],
            cwd=self.place / "project",
            env=self.env,
            text=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def stack(self) -> Rehearsal:
        """The new stack, whose owner has made a rehearsal of it."""
        project = Project(self.place / "project", self.name)
        content = project.config()
        content["config"] |= {
            "tame:environment": "dev",
            "tame:rehearsal": True,
            "tame:probe_interval": 1,
            "tame:wait_timeout": 180,
            "tame:backup": {"repository": str(self.place / "backups")},
        }
        project.file.write_text(yaml.safe_dump(content, sort_keys=False))
        return Rehearsal(project, self.client, self.env)

    def snapshot(self) -> tuple[dict[str, str], list[str]]:
        """What an adoption could change: containers, and files with owner and time."""
        files = [
            f"{path} {facts.st_uid}:{facts.st_gid} {facts.st_mode:o}"
            for path in sorted(self.place.rglob("*"))
            if not path.name.endswith(("-wal", "-shm"))
            and ".venv" not in path.parts
            and (facts := path.lstat())
        ]
        return self.containers(), files


@pytest.fixture
def old(tmp_path: Path, client: docker.DockerClient, engine: str) -> Iterator[Old]:
    """The stack is up, with rows; it goes with all that it left, and so does the new one."""
    composer = installed()
    if composer is None or not composer.waits:
        pytest.skip("no `docker compose` 2: `python -m bench` builds one, where Go is")
    one = Old(composer, tmp_path, client, engine)
    volumes: set[str] = set()
    try:
        one.compose("up", "--detach")
        volumes = one.volumes()
        yield one
    finally:
        for key in ("com.docker.compose.project", "tame.stack", "tame.adopting"):
            for container in client.containers.list(
                all=True, filters={"label": f"{key}={one.name}"}
            ):
                container.remove(force=True)
            for network in client.networks.list(filters={"label": f"{key}={one.name}"}):
                network.remove()
        for name in volumes:
            client.volumes.get(name).remove()


def test_a_running_stack_is_taken_over_with_rows_keys_and_owners(old: Old) -> None:
    """Looked at, refused without a yes, carried out, deployed, cleaned up; any run may be the last.

    Radarr's state lies in a volume, Prowlarr's in one without a name, Sonarr's in a directory that
    stays. Two keys are of the applications' own making, one stands in the Compose file.
    """
    for app in PORTS:
        eventually(partial(answers, old, app), within=120)
        assert int(run(old.container(app), ROWS.format(app=app))) >= 40
    keys = {app: run(old.container(app), KEY) for app in ("radarr", "sonarr")} | {"prowlarr": OWN}
    volumes, before = old.volumes(), old.snapshot()

    looked = old.tame()

    assert looked.returncode == 3, looked.stderr
    assert old.snapshot() == before
    assert f"copy the volume `{old.name}_films`" in looked.stdout
    assert f"`{old.place}/config/sonarr` stays where it is" in looked.stdout

    first = old.tame("--yes")  # without a word about the old containers, they go on

    assert first.returncode == 3, first.stderr
    assert set(old.containers().values()) == {"running"}
    assert f"radarr: not copied, for `{old.name}-radarr-1` writes to it" in first.stdout

    done = old.tame("--yes", "--old", "stop")
    stack = old.stack()
    early = old.tame("--yes", "--old", "remove")  # a second run of it all, and too early

    assert (done.returncode, early.returncode) == (0, 1), done.stderr
    assert "radarr: copied and checked:" in done.stdout
    assert "prowlarr: copied and checked:" in done.stdout
    assert "[TAME815]" in early.stderr
    assert set(old.containers().values()) == {"exited"}

    up = stack.up()

    assert up.code == 0, up.text
    for app, key in keys.items():
        fresh = stack.container(app)
        assert asked(fresh, app, key) == "200", app
        assert run(fresh, COUNT.format(app=app)) == "40"
        assert (
            run(fresh, f"import os; s = os.stat('/config/{app}.db'); print(s.st_uid)")
            == (FILES[app].split(":")[0])
        )
    facts = (old.place / "config/radarr/radarr.db").stat()
    assert (facts.st_uid, facts.st_gid) == (1234, 1235)

    last = old.tame("--yes", "--old", "remove")

    assert last.returncode == 0, last.stderr
    assert old.containers() == {}
    assert all(old.client.volumes.get(name) for name in volumes)
    assert stack.preview().changes == {}
    everything = "".join(one.stdout + one.stderr for one in (looked, first, done, early, last))
    settings = stack.project.file.read_text()
    assert not any(key in everything + settings for key in keys.values())
