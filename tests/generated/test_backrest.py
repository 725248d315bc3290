"""Backrest's first settings, and the scripts that seed them and let services hold still."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tame_components.catalog import app
from tame_components.domain.errors import SettingsInvalid
from tame_components.domain.holding import secrets_of
from tame_components.domain.rendering import container_of
from tame_components.domain.topology import Topology
from tame_components.generated import files_of
from tame_components.generated.backrest import CONFIG
from tests.harness import stacks


NAMES = ("backrest", "restart-proxy", "radarr", "traefik", "gluetun")
DOCKER = """#!/bin/sh
echo "$@" >> "{log}"
case $1 in
  ps) if [ -e "{runs}" ]; then echo 0123; fi ;;
  stop) if [ -e "{broken}" ]; then exit 1; fi; rm -f "{runs}" ;;
  start) if [ -e "{broken}" ]; then exit 1; fi; touch "{runs}" ;;
esac
"""


def stack(*names: str, **backup: Any) -> Topology:
    """Backrest runs the backups, unless *backup* says otherwise."""
    services = {name: {"publish": 0} if name == "traefik" else {} for name in names or NAMES}
    return stacks.topology(services=services, backup={"tool": "backrest", **backup})


def config(topology: Topology) -> dict[str, Any]:
    """What Backrest starts with."""
    files = {one.path: one.content for one in files_of(topology, topology.service("backrest"))}
    found: dict[str, Any] = json.loads(files[CONFIG])
    return found


def test_each_service_that_keeps_something_has_a_plan() -> None:
    """Its directory without its caches, at the settings' time and for as long as they say."""
    told = config(stack(schedule="0 4 * * *", keep={"daily": 3, "weekly": 2, "monthly": 1}))
    plans = {plan["id"]: plan for plan in told["plans"]}

    assert plans["radarr"]["paths"] == ["/userdata/radarr"]
    assert "/userdata/radarr/logs/**" in plans["radarr"]["excludes"]
    assert plans["radarr"]["schedule"]["cron"] == "0 4 * * *"
    assert plans["radarr"]["retention"]["policyTimeBucketed"] == {
        "daily": 3,
        "weekly": 2,
        "monthly": 1,
    }
    assert "backrest" not in plans  # it cannot stop itself
    assert {plan["repo"] for plan in told["plans"]} == {one["id"] for one in told["repos"]}


def test_paths_are_where_the_container_has_them() -> None:
    """Each plan's and the repository's lie below a mount, and the repository's can be written."""
    topology = stack()
    mounts = container_of(topology, topology.service("backrest")).mounts
    readable = tuple(f"{one.target}/" for one in mounts)
    writable = tuple(f"{one.target}/" for one in mounts if not one.read_only)
    told = config(topology)

    assert all(path.startswith(readable) for plan in told["plans"] for path in plan["paths"])
    assert all(one["uri"].startswith(writable) for one in told["repos"])


def test_a_database_is_copied_only_while_its_service_stands_still() -> None:
    """It is stopped before, without which there is no copy, and started after any end."""
    plans = {plan["id"]: plan for plan in config(stack())["plans"]}
    before, after = plans["radarr"]["hooks"]

    assert before["conditions"] == ["CONDITION_SNAPSHOT_START"]
    assert before["onError"] == "ON_ERROR_FATAL"
    assert before["actionCommand"]["command"].endswith("pause.sh stop test-radarr 120")
    assert set(after["conditions"]) == {"CONDITION_SNAPSHOT_END", "CONDITION_SNAPSHOT_ERROR"}
    assert after["actionCommand"]["command"].endswith("pause.sh start test-radarr")


def test_the_password_is_a_file_of_the_container() -> None:
    """Restic is told where it lies; no text holds it."""
    topology = stack()
    (held,) = secrets_of(topology, topology.service("backrest"))
    (repository,) = config(topology)["repos"]

    assert repository["env"] == [f"RESTIC_PASSWORD_FILE={held.secret.file}"]
    assert "password" not in repository


def test_without_leave_to_stop_anything_it_is_refused() -> None:
    """A copy of a database that somebody writes may be none; the error names what is missing."""
    with pytest.raises(SettingsInvalid, match="restart-proxy"):
        config(stack("backrest", "radarr"))


def test_only_who_was_chosen_gets_settings() -> None:
    """A Backrest beside another tool starts empty, as a person left it."""
    topology = stack(tool="tame")
    paths = {one.path for one in files_of(topology, topology.service("backrest"))}

    assert CONFIG not in paths
    assert "/etc/backrest/start.sh" in paths


@dataclass(frozen=True)
class Scripts:
    """The catalog's scripts, with a `docker` that notes what it is told."""

    root: Path

    def write(self) -> None:
        """Lay them out, with the image's programs."""
        (self.root / "bin").mkdir()
        box = shutil.which("busybox")
        for program in ("mkdir", "touch", "rm", "cp", "mv", "chmod"):
            target = box or shutil.which(program)
            assert target is not None
            (self.root / "bin" / program).symlink_to(target)
        self._program("docker", DOCKER.format(log=self.log, runs=self.runs, broken=self.broken))
        self._program("sleep", "#!/bin/sh\n")  # tries come at once here
        self._program("backrest", f"#!/bin/sh\necho served >> '{self.log}'\n")
        for one in app("backrest").files:
            text = one.content.replace("/etc/backrest", str(self.root))
            (self.root / Path(one.path).name).write_text(text)

    def _program(self, name: str, text: str) -> None:
        path = self.root / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    @property
    def log(self) -> Path:
        """What `docker` and `/backrest` were told."""
        return self.root / "log"

    @property
    def runs(self) -> Path:
        """Is there while the service runs."""
        return self.root / "runs"

    @property
    def broken(self) -> Path:
        """Is there while the engine refuses."""
        return self.root / "broken"

    @property
    def settings(self) -> Path:
        """Backrest's own."""
        return self.root / "data/config.json"

    def run(self, script: str, *arguments: str) -> int:
        """The exit code."""
        environment = {
            "PATH": str(self.root / "bin"),
            "BACKREST_CONFIG": str(self.settings),
            "BACKREST_DATA": str(self.root / "data"),
            "BACKREST_PROGRAM": str(self.root / "bin/backrest"),
        }
        shell = shutil.which("sh")
        assert shell is not None
        (self.root / "bin/sh").unlink(missing_ok=True)
        (self.root / "bin/sh").symlink_to(shell)
        command = [shell, str(self.root / script), *arguments]
        return subprocess.run(command, env=environment, check=False, timeout=20).returncode

    def told(self) -> list[str]:
        """The verbs that `docker` and `/backrest` heard."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.split()[0] for line in lines]


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    """Laid out, and the service runs."""
    found = Scripts(tmp_path)
    found.write()
    found.runs.touch()
    return found


def test_settings_are_seeded_once(scripts: Scripts) -> None:
    """Readable for their owner alone; what a person changed since then stays."""
    (scripts.root / "config.json").write_text("{}")
    assert scripts.run("start.sh") == 0
    assert scripts.settings.read_text() == "{}"
    assert scripts.settings.stat().st_mode & 0o777 == 0o600

    scripts.settings.write_text('{"mine": true}')
    assert scripts.run("start.sh") == 0
    assert scripts.settings.read_text() == '{"mine": true}'
    assert scripts.told() == ["served", "served"]


def test_without_settings_it_starts_as_ever(scripts: Scripts) -> None:
    """Backrest makes its own, empty ones."""
    assert scripts.run("start.sh") == 0
    assert not scripts.settings.exists()
    assert scripts.told() == ["served"]


def test_a_service_is_stopped_and_started_again(scripts: Scripts) -> None:
    """And only once: an end and an error may both be told."""
    assert scripts.run("pause.sh", "stop", "prod-radarr", "120") == 0
    assert not scripts.runs.exists()
    assert scripts.run("pause.sh", "start", "prod-radarr") == 0
    assert scripts.run("pause.sh", "start", "prod-radarr") == 0

    assert scripts.told() == ["ps", "stop", "start"]
    assert "stop -t 120 prod-radarr" in scripts.log.read_text()
    assert r"--filter name=^prod-radarr$ " in scripts.log.read_text()


def test_what_did_not_run_is_not_started(scripts: Scripts) -> None:
    """A person stopped it, and had a reason."""
    scripts.runs.unlink()
    assert scripts.run("pause.sh", "stop", "prod-radarr", "120") == 0
    assert scripts.run("pause.sh", "start", "prod-radarr") == 0

    assert scripts.told() == ["ps"]


def test_a_debt_outlives_whoever_made_it(scripts: Scripts) -> None:
    """Killed in between, or refused by the engine: the next start of Backrest pays it."""
    scripts.run("pause.sh", "stop", "prod-radarr", "120")
    scripts.broken.touch()
    assert scripts.run("pause.sh", "start", "prod-radarr") != 0
    assert scripts.run("start.sh") == 0  # Backrest itself runs, whatever the engine says

    scripts.broken.unlink()
    assert scripts.run("start.sh") == 0
    assert scripts.runs.exists()
    assert list((scripts.root / "data/.paused").iterdir()) == []


def test_a_service_that_does_not_stop_is_not_copied(scripts: Scripts) -> None:
    """The hook fails, which ends the backup; the service is looked after all the same."""
    scripts.broken.touch()
    assert scripts.run("pause.sh", "stop", "prod-radarr", "120") != 0

    scripts.broken.unlink()
    assert scripts.run("pause.sh", "start", "prod-radarr") == 0
    assert scripts.told()[-1] == "start"
