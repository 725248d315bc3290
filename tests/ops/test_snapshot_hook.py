"""The snapshot before a promotion: taken where it is to be, and a failure stops everything."""

from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.host_errors import SnapshotHookFailed
from tame_components.domain.topology import Topology
from tame_components.ops.snapshot_hook import before_promotion, take
from tests.harness import stacks


def _topology(engine: str = "unix:///var/run/docker.sock", **hook: Any) -> Topology:
    over = {"over": {"host": "nas"}} if engine.startswith("ssh") else {}
    asked = {"kind": "zfs", "of": "tank/media", **hook}
    preparation = {"snapshot_hook": asked, **over}
    return stacks.only("radarr", vpn=None, engine=engine, preparation=preparation)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every `zfs` and every `ssh` that is run; `zfs` keeps what it was asked for."""
    log, folder = tmp_path / "log", tmp_path / "bin"
    folder.mkdir()
    zfs = f'echo "zfs $*" >>{log}\ncase $1 in list) sed -n "s/^zfs snapshot //p" {log} ;; esac\n'
    ssh = f'echo "ssh $*" >>{log}; echo no route >&2; exit 255'
    for name, text in {"zfs": zfs, "ssh": ssh}.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return log


def test_it_is_taken_and_named(calls: Path) -> None:
    """One snapshot, told to the person, and its name for the record."""
    told: list[str] = []
    name = before_promotion(_topology(), told.append)

    assert name is not None
    assert f"zfs snapshot tank/media@{name}" in calls.read_text()
    assert told == ["snapshot of zfs `tank/media`", f"snapshot {name} taken"]


def test_cron_takes_one_whenever_it_likes(calls: Path) -> None:
    """Also where a promotion takes none: that is how a hypervisor gets its weekly one."""
    topology = _topology(before_promotion=False)

    assert before_promotion(topology, lambda _: None) is None
    name = take(topology, lambda _: None)
    assert f"zfs snapshot tank/media@{name}" in calls.read_text()
    assert take(stacks.only("radarr", vpn=None), lambda _: None) is None


def test_nothing_is_run_where_nobody_asked(calls: Path) -> None:
    """No setting, or one for the weekly timer alone."""
    without = stacks.only("radarr", vpn=None)

    assert before_promotion(without, lambda _: None) is None
    assert before_promotion(_topology(before_promotion=False), lambda _: None) is None
    assert not calls.exists()


@pytest.mark.parametrize(
    ("engine", "hook", "host"),
    [
        ("ssh://root@nas", {}, "-l root -- nas"),
        ("unix:///var/run/docker.sock", {"over": "ssh://root@pve:23", "weekly": None}, "-p 23"),
    ],
)
def test_a_failure_is_the_promotions(
    calls: Path, engine: str, hook: dict[str, Any], host: str
) -> None:
    """Asked for on the right machine; when that does not answer, the error says what and why."""
    with pytest.raises(SnapshotHookFailed, match="no route") as failed:
        before_promotion(_topology(engine, **hook), lambda _: None)

    assert "tank/media" in failed.value.what
    assert host in calls.read_text()
