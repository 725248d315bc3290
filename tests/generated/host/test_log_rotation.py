"""Rotation of logs is merged into the engine's settings, by real shells on real files."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tame_components.generated import host
from tests.generated.host.conftest import programs, run, topology
from tests.harness import stacks


def rotate(
    shell: list[str], data: Path, tmp_path: Path, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    script = host.log_rotation(topology(data), root=str(tmp_path / "host"))
    assert script is not None
    return run(shell, script, path)


WANTED = {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}}


@pytest.mark.parametrize("without", ["", "python3"], ids=["python", "jq"])
def test_rotation_is_merged_into_the_engines_settings(
    shell: list[str], data: Path, tmp_path: Path, without: str
) -> None:
    """No other key is touched, the old file is kept, a second run does and says nothing."""
    if without and not shutil.which("jq"):
        pytest.skip("needs `jq`")
    path = programs(tmp_path / "bin", without=without)
    file = tmp_path / "host/etc/docker/daemon.json"
    before = {"data-root": "/x", "log-opts": {"labels": "a"}, "dns": ["1.1.1.1"]}
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(before))
    file.chmod(0o640)
    done = [rotate(shell, data, tmp_path, path) for _ in range(2)]

    opts = {"labels": "a", **WANTED["log-opts"]}  # type: ignore[dict-item] # a dict, as above
    assert json.loads(file.read_text()) == {**before, **WANTED, "log-opts": opts}
    assert "after the engine's next start" in done[0].stdout
    assert [one.returncode for one in done] == [0, 0], done[0].stderr
    assert done[1].stdout == ""
    assert json.loads((file.parent / "daemon.json.before-tame").read_text()) == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert len(list(file.parent.iterdir())) == 2


def test_an_engine_without_settings_gets_them(shell: list[str], data: Path, tmp_path: Path) -> None:
    """The file is made, with nothing else in it."""
    done = rotate(shell, data, tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "host/etc/docker/daemon.json").read_text()) == WANTED


@pytest.mark.parametrize("without", ["", "python3", "python3 jq"], ids=["python", "jq", "neither"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"log-driver": "journald"}', "another log driver"),
        ("{,}", "no JSON object"),
        ("[]", "no JSON object"),
        ('{"log-opts": 1}', "no JSON object"),
    ],
)
def test_settings_that_are_the_users_are_left_alone(
    data: Path, tmp_path: Path, without: str, content: str, why: str
) -> None:
    """Whatever the file is, it stays to the byte; the note says why."""
    file = tmp_path / "host/etc/docker/daemon.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    done = rotate(["sh"], data, tmp_path, programs(tmp_path / "bin", without=without))

    assert done.returncode == 0, done.stderr
    assert ("needs python3 or jq" if " " in without else why) in done.stdout
    assert file.read_text() == content
    assert list(file.parent.iterdir()) == [file]


def test_an_engine_told_on_its_command_line_is_left_alone(
    shell: list[str], data: Path, tmp_path: Path
) -> None:
    """It would not start again: dockerd takes each setting from one place."""
    process = tmp_path / "host/proc/77"
    process.mkdir(parents=True)
    (process / "comm").write_text("dockerd\n")
    (process / "cmdline").write_bytes(b"dockerd\0--log-opt\0max-size=5m\0")
    done = rotate(shell, data, tmp_path)

    assert "on the command line" in done.stdout
    assert not (tmp_path / "host/etc").exists()


def test_an_engine_of_ones_own_is_left_alone(data: Path) -> None:
    """A rootless or private engine's settings are elsewhere; /etc/docker is another engine's."""
    asked = stacks.only("radarr", vpn=None, data={"root": str(data)}, preparation={})
    script = host.log_rotation(asked)
    assert script is not None

    assert "nobody told where the engine at unix:///run/none.sock" in run(["sh"], script).stdout
