"""Snapshots of everything: each system's own command, ours alone removed, a failure seen."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tame_components.domain.snapshot_hook import SnapshotHook, SnapshotKind
from tame_components.generated import host
from tests.generated.host.conftest import NEEDS_ROOT, programs, run, topology


FOREIGN = "autosnap_2026"
EVIL = "/srv/a b/$(touch pwned);'"
OF = {"proxmox": "120", "libvirt": "media.vm", "zfs": "tank/media", "btrfs": EVIL, "qemu": EVIL}
FAKE = """\
printf '%s %s\\n' "$(basename "$0")" "$*" >>"$LOG"
case " $* " in
*" listsnapshot "*|*" snapshot-list "*|*" list "*|*" -l "*) cat "$LIST" ;;
*" delsnapshot "*|*" snapshot-delete "*|*" destroy "*|*" delete "*|*" -d "*)
  gone=$(printf '%s\\n' "$*" | grep -o 'tame-[0-9]*T[0-9]*Z')
  grep -v "$gone" "$LIST" >"$LIST.new" || :; mv "$LIST.new" "$LIST" ;;
*) [ ! -e "$LIST.broken" ] || { echo 'out of space' >&2; exit 4; }
   printf '%s\\n' "$*" | grep -o 'tame-[0-9]*T[0-9]*Z' >>"$LIST" ;;
esac
"""


def _host(tmp_path: Path) -> tuple[str, Path, Path]:
    """PATH, the list of snapshots, and the commands that were run."""
    kept, log = tmp_path / "list", tmp_path / "log"
    kept.write_text(f"{FOREIGN}\n")
    fake = f"LIST={kept}\nLOG={log}\n{FAKE}"
    ours = dict.fromkeys(("qm", "virsh", "zfs", "btrfs", "qemu-img"), fake)
    # Each call is a second later than the one before.
    clock = tmp_path / "clock"
    ours["date"] = (
        f"n=$(cat {clock} 2>/dev/null || echo 0)\necho $((n + 1)) >{clock}\n"
        'printf "20261121T0300%02dZ\\n" "$n"'
    )
    ours["ls"] = f"cat {kept}"
    path = programs(tmp_path / "bin", **ours)
    for name in ("sort", "tail", "seq"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return path, kept, log


@pytest.mark.parametrize("kind", list(SnapshotKind))
def test_the_newest_stay_and_nobody_elses_go(
    tmp_path: Path, shell: list[str], kind: SnapshotKind
) -> None:
    """Three times with `keep: 2`: two of ours and the foreign one are left; nothing is guessed."""
    if shell[0] == "busybox":
        pytest.skip("it asks its own `date` and `ls`, which no test can set")
    path, kept, _ = _host(tmp_path)
    hook = SnapshotHook(kind=kind, of=OF[kind].replace("/srv", str(tmp_path)), keep=2)

    done = [run(shell, host.snapshot(hook), path) for _ in range(3)]

    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert [one.stdout.strip() for one in done][-1] == "tame-20261121T030002Z"
    assert kept.read_text().split() == [
        *(FOREIGN, "tame-20261121T030001Z", "tame-20261121T030002Z"),
    ]
    assert not list(Path.cwd().glob("pwned"))


def test_a_snapshot_that_fails_removes_nothing(tmp_path: Path, shell: list[str]) -> None:
    """A full pool: the exit code says it, its reason is printed, the old ones are all there."""
    path, kept, _ = _host(tmp_path)
    hook = SnapshotHook(kind=SnapshotKind.ZFS, of="tank/media", keep=1)
    assert run(shell, host.snapshot(hook), path).returncode == 0
    Path(f"{kept}.broken").touch()
    before = kept.read_text()

    done = run(shell, host.snapshot(hook), path)

    assert done.returncode != 0
    assert "out of space" in done.stderr
    assert kept.read_text() == before


@pytest.mark.skipif(not shutil.which("qemu-img"), reason="needs `qemu-img`")
def test_a_real_disk_has_the_snapshot(tmp_path: Path) -> None:
    """QEMU's own program on a real qcow2 disk, whose name has a space."""
    disk = tmp_path / "a disk.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(disk), "8M"], check=True)
    hook = SnapshotHook(kind=SnapshotKind.QEMU, of=str(disk))

    name = run(["sh"], host.snapshot(hook)).stdout.strip()

    told = subprocess.run(
        ["qemu-img", "info", "--output=json", str(disk)], capture_output=True, check=True
    )
    assert [one["name"] for one in json.loads(told.stdout)["snapshots"]] == [name]


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        *(("proxmox", "100; reboot"), ("proxmox", "mine"), ("zfs", "tank/a@b"), ("zfs", "-r")),
        *(("libvirt", "--all"), ("btrfs", "srv/data"), ("qemu", "disk.qcow2")),
    ],
)
def test_what_is_no_name_of_its_kind_is_refused(kind: str, of: str) -> None:
    """Before any command sees it; an option is no name either."""
    with pytest.raises(ValidationError, match="`of` is no"):
        SnapshotHook.model_validate({"kind": kind, "of": of})


def test_a_weekly_timer_is_not_promised_on_a_hypervisor() -> None:
    """The timer is installed on the engine's host; what has no timer is not silently weekly."""
    with pytest.raises(ValidationError, match="`weekly` with `over`"):
        SnapshotHook(kind=SnapshotKind.PROXMOX, of="120", over="ssh://root@pve")


def _hook(**changes: Any) -> dict[str, Any]:
    return {"kind": "zfs", "of": "tank/media", **changes}


@NEEDS_ROOT
def test_the_timer_runs_the_same_script_and_goes_with_the_setting(
    tmp_path: Path, data: Path, shell: list[str]
) -> None:
    """A timer of systemd and a file: made, made again without a change, removed."""
    root, log = tmp_path / "host", tmp_path / "systemctl"
    for folder in ("run/systemd/system", "etc/systemd/system"):
        (root / folder).mkdir(parents=True)
    path = programs(tmp_path / "bin", systemctl=f'echo "$@" >>{log}')
    weekly = host.weekly_snapshots(topology(data, snapshot_hook=_hook()), root=str(root))
    assert weekly is not None

    for _ in range(2):
        done = run(shell, weekly.start, path)
        assert done.returncode == 0, done.stderr
    (timer,) = root.glob("etc/systemd/system/*.timer")
    (program,) = root.glob("usr/local/lib/tame/*.sh")

    assert "OnCalendar=Sun *-*-* 3:0:00" in timer.read_text()
    hook = SnapshotHook(kind=SnapshotKind.ZFS, of="tank/media")
    assert program.read_text().strip() == host.snapshot(hook).strip()
    assert f"enable {timer.name}" in log.read_text()
    assert run(shell, weekly.stop, path).returncode == 0
    assert not [*root.glob("etc/systemd/system/*"), *root.glob("usr/local/lib/tame/*")]


def test_without_systemd_the_deployment_says_so(tmp_path: Path, data: Path) -> None:
    """No schedule that nobody keeps; and none at all where none is asked for."""
    weekly = host.weekly_snapshots(topology(data, snapshot_hook=_hook()), root=str(tmp_path))
    assert weekly is not None
    done = run(["sh"], weekly.start)

    assert done.returncode == 1
    assert "TAME887" in done.stderr
    never = topology(data, snapshot_hook=_hook(weekly=None))
    assert host.weekly_snapshots(never) is None
    assert host.weekly_snapshots(topology(data)) is None
