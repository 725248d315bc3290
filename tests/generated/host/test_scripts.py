"""The scripts that look after a host do what they say, run by real shells on real directories."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.topology import Topology
from tame_components.generated import host
from tame_components.ops import mounts
from tests.harness import stacks


SHELLS = [["sh"], ["busybox", "sh"], ["bash", "--posix"]]
GID = 13000
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="gives directories to others: root")


@pytest.fixture(params=SHELLS, ids=lambda shell: shell[0])
def shell(request: pytest.FixtureRequest) -> list[str]:
    found: list[str] = request.param
    if not shutil.which(found[0]):
        pytest.skip(f"needs `{found[0]}`")
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "the data"
    root.mkdir()
    (root / ".tame-data-root").touch()
    return root


def topology(data: Path, **preparation: Any) -> Topology:
    return stacks.only(
        "radarr",
        "sonarr",
        vpn=None,
        data={"root": str(data)},
        config_root=str(data.parent / "config"),
        preparation=preparation,
        engine="unix:///var/run/docker.sock",
    )


def run(shell: list[str], script: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"PATH": path} if path else {})}
    program = shutil.which(shell[0]) or shell[0]
    command = [program, *shell[1:], "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def kernel(root: Path, *mounted: tuple[str, str]) -> str:
    """A host whose kernel says that these are mounted, as (where, type)."""
    lines = [f"dev {point.replace(' ', chr(92) + '040')} {kind} rw 0 0" for point, kind in mounted]
    (root / "proc").mkdir(parents=True)
    (root / "proc" / "mounts").write_text("\n".join(["dev / ext4 rw 0 0", *lines]) + "\n")
    return str(root)


def test_a_good_host_passes(shell: list[str], data: Path, tmp_path: Path) -> None:
    """Mounted, marked and local: nothing is said, nothing fails."""
    root = kernel(tmp_path / "host", (str(data), "btrfs"))
    done = run(shell, host.checks(topology(data, file_systems=[str(data)]), root=root))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_everything_that_is_wrong_is_said_at_once(
    shell: list[str], data: Path, tmp_path: Path
) -> None:
    """No marker, nothing mounted, a share below the state: one run names all three."""
    (data / ".tame-data-root").unlink()
    root = kernel(tmp_path / "host", (str(tmp_path), "nfs4"))
    done = run(shell, host.checks(topology(data, file_systems=[str(data)]), root=root))

    assert done.returncode == 1
    assert all(code in done.stderr for code in ("TAME503", "TAME882", "TAME883"))


@pytest.mark.parametrize("kinds", [("autofs",), ("autofs", "ext4")], ids="-then-".join)
def test_an_automount_that_did_not_happen_is_no_mount(
    shell: list[str], data: Path, tmp_path: Path, kinds: tuple[str, ...]
) -> None:
    """An autofs alone is a promise; what is mounted over it counts."""
    root = kernel(tmp_path / "host", *((str(data), kind) for kind in kinds))
    done = run(shell, host.checks(topology(data, file_systems=[str(data)]), root=root))

    assert (done.returncode == 0) == (kinds[-1] == "ext4")


def test_a_neighbour_with_the_same_beginning_is_another_place(
    shell: list[str], data: Path, tmp_path: Path
) -> None:
    """`/srv/conf` on a share says nothing about `/srv/config`."""
    root = kernel(tmp_path / "host", (str(tmp_path / "conf"), "nfs"))
    done = run(shell, host.checks(topology(data), root=root))

    assert done.returncode == 0, done.stderr


def test_network_file_systems_are_those_of_the_preflight() -> None:
    """What is checked over SSH is what is checked here."""
    assert set(host.NETWORK_TYPES) == mounts.NETWORK_TYPES | set(mounts._NETWORK_FUSE)


def test_the_tree_belongs_to_the_group_and_hands_it_on(shell: list[str], data: Path) -> None:
    """A file that a person makes with umask 077 is still writable for the services."""
    library = data / "media" / "movies"
    library.mkdir(parents=True)
    kept = library / "film.mkv"
    kept.touch(mode=0o600)
    script = host.tree(topology(data))
    done = [run(shell, script) for _ in range(2)]
    subprocess.run(["sh", "-c", f"umask 077; mkdir '{library}/new'"], check=True)

    assert [one.returncode for one in done] == [0, 0], done[0].stderr
    assert library.stat().st_gid == (library / "new").stat().st_gid == GID
    for folder in ("media", "media/movies", "downloads", "downloads/torrents/tv"):
        found = (data / folder).stat()
        assert (found.st_gid, found.st_mode & 0o2070) == (GID, 0o2070), folder
    if shutil.which("setfacl") and not done[0].stdout:
        assert stat.S_IMODE((library / "new").stat().st_mode) & 0o070 == 0o070
    else:
        assert "umask: not set" in done[0].stdout
    assert (kept.stat().st_gid, stat.S_IMODE(kept.stat().st_mode)) == (os.getgid(), 0o600)
    state = (data.parent / "config" / "radarr").stat()
    assert stat.S_IMODE(state.st_mode) == 0o750
    assert state.st_uid != 0
    assert state.st_gid == GID


def test_umask_007_keeps_others_out(shell: list[str], data: Path) -> None:
    """The stricter umask makes folders that nobody else may enter."""
    done = run(shell, host.tree(topology(data, umask="007")))

    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((data / "media" / "movies").stat().st_mode) == 0o2770


def test_whoever_interrupts_leaves_nothing_wrong(shell: list[str], data: Path) -> None:
    """A half-made state directory of the run before does not stop the next one."""
    (data.parent / "config" / "radarr.tame-new").mkdir(parents=True)
    done = run(shell, host.tree(topology(data)))

    assert done.returncode == 0, done.stderr
    assert (data.parent / "config" / "radarr").stat().st_uid != 0
    assert not (data.parent / "config" / "radarr.tame-new").exists()


def test_a_host_without_access_lists_is_told(shell: list[str], data: Path, tmp_path: Path) -> None:
    """Everything else is done, and the note says what is not."""
    done = run(shell, host.tree(topology(data)), path=programs(tmp_path / "bin", without="setfacl"))

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("umask: not set for what is made by hand: the host has no")


def programs(folder: Path, *, without: str = "", **ours: str) -> str:
    """A PATH with the programs that the scripts use, *ours* among them, and no others."""
    names = "awk basename bash busybox cat chgrp chmod chown cp cut dirname grep jq mkdir mv"
    names += " printf python3 rm rmdir sed setfacl sh tr"
    folder.mkdir(exist_ok=True)
    for name in set(names.split()) - set(without.split()) - set(ours):
        if found := sys.executable if name == "python3" else shutil.which(name):
            (folder / name).symlink_to(found)
    for name, text in ours.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def scheduler(tmp_path: Path, *made: str) -> Path:
    root = tmp_path / "host"
    for folder in made:
        (root / folder).mkdir(parents=True)
    return root


def scheduled(data: Path, root: Path, schedule: str) -> host.Pruning:
    pruning = host.pruning(topology(data, prune_images=schedule), root=str(root))
    assert pruning is not None
    return pruning


PRUNES = "image prune --all --force --filter until=336h"


def test_images_go_by_cron(shell: list[str], data: Path, tmp_path: Path) -> None:
    """Where cron runs there is one entry, changed with its schedule, gone with the setting."""
    root = scheduler(tmp_path, "etc/cron.d")
    path = programs(tmp_path / "bin", docker="", cron="")
    entry = root / "etc" / "cron.d" / "tame-prune-test"
    pruning = scheduled(data, root, "0 0 * * *")
    for schedule in ("30 3 * * 0", "0 4 * * *"):
        pruning = scheduled(data, root, schedule)
        done = run(shell, pruning.start, path)
        assert done.returncode == 0, done.stderr
        assert entry.read_text().splitlines()[1] == (
            f"{schedule} root {tmp_path}/bin/docker --host unix:///var/run/docker.sock {PRUNES} "
            ">/dev/null"
        )
    assert run(shell, pruning.stop, path).returncode == 0
    assert run(shell, pruning.stop, path).returncode == 0
    assert list((root / "etc" / "cron.d").iterdir()) == []


def test_images_go_by_a_timer_where_systemd_runs(
    shell: list[str], data: Path, tmp_path: Path
) -> None:
    """The timer is told to systemd, and an entry of cron from before is removed."""
    root = scheduler(tmp_path, "etc/cron.d", "etc/systemd/system", "run/systemd/system")
    (root / "etc/cron.d/tame-prune-test").touch()
    calls = tmp_path / "calls"
    path = programs(tmp_path / "bin", docker="", cron="", systemctl=f'echo "$*" >>{calls}')
    pruning = scheduled(data, root, "0 4 1 * 0")
    done = run(shell, pruning.start, path)
    units = root / "etc/systemd/system"

    assert done.returncode == 0, done.stderr
    timer = (units / "tame-prune-test.timer").read_text()
    assert "OnCalendar=*-*-1 4:0:00\nOnCalendar=Sun *-*-* 4:0:00\nPersistent=true\n" in timer
    assert f"{PRUNES}\n" in (units / "tame-prune-test.service").read_text()
    assert calls.read_text().splitlines()[-1] == "restart tame-prune-test.timer"
    assert not (root / "etc/cron.d/tame-prune-test").exists()
    assert run(shell, pruning.stop, path).returncode == 0
    assert calls.read_text().splitlines()[-2].startswith("disable --now")
    assert list(units.iterdir()) == []


@pytest.mark.parametrize(
    ("made", "has", "why"),
    [
        (["etc/cron.d"], {"docker": ""}, "neither systemd nor cron"),
        (["etc/cron.d"], {"cron": ""}, "no `docker` command"),
        (["etc/cron.d", "etc/unraid-version"], {"docker": "", "cron": ""}, "firmware forgets"),
    ],
)
def test_a_host_without_a_scheduler_is_refused(
    shell: list[str], data: Path, tmp_path: Path, *, made: list[str], has: dict[str, str], why: str
) -> None:
    """Nothing is written, and the error has the command for the host's own scheduler."""
    root = scheduler(tmp_path, *made)
    pruning = scheduled(data, root, "0 4 * * *")
    done = run(shell, pruning.start, programs(tmp_path / "bin", **has))

    assert done.returncode == 1
    assert why in done.stderr
    assert "TAME884" in done.stderr
    assert PRUNES in done.stderr
    assert list((root / "etc/cron.d").iterdir()) == []


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


def test_nothing_is_scheduled_that_nobody_asked_for(data: Path) -> None:
    """Pruning needs a schedule, and rotation can be declined."""
    asked = topology(data, log_rotation=False)

    assert host.pruning(asked) is None
    assert host.log_rotation(asked) is None
