"""File systems are checked and folders made as they say, by real shells on real directories."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tame_components.generated import host
from tests.generated.host.conftest import NEEDS_ROOT, programs, run, topology


GID = 13000
pytestmark = NEEDS_ROOT


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


def test_a_stack_without_preparation_gets_what_is_missing(shell: list[str], data: Path) -> None:
    """New folders are the group's, new state its service's; what exists stays as its owner left it.

    A second run changes nothing.
    """
    theirs = data / "media" / "movies"
    theirs.mkdir(parents=True, mode=0o700)
    kept = stat.S_IMODE(theirs.stat().st_mode), theirs.stat().st_gid
    script = host.missing_folders(topology(data))
    first = run(shell, script)
    found = {path: path.stat().st_ctime_ns for path in data.parent.rglob("*")}
    second = run(shell, script)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    new, state = (data / "downloads/torrents/tv").stat(), data.parent / "config" / "radarr"
    assert (new.st_gid, stat.S_IMODE(new.st_mode)) == (GID, 0o2775)
    assert (stat.S_IMODE(state.stat().st_mode), state.stat().st_gid) == (0o750, GID)
    assert state.stat().st_uid != 0
    assert (stat.S_IMODE(theirs.stat().st_mode), theirs.stat().st_gid) == kept
    assert {path: path.stat().st_ctime_ns for path in data.parent.rglob("*")} == found


def test_an_unmarked_data_root_stays_empty(shell: list[str], data: Path) -> None:
    """A mount point whose disk is missing is not filled; the code says where to read on."""
    (data / ".tame-data-root").unlink()
    done = run(shell, host.missing_folders(topology(data)))

    assert done.returncode == 1
    assert "[TAME503]" in done.stderr
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("program", ["chown", "chgrp", "chmod"])
def test_a_folder_has_its_name_when_it_is_finished(
    data: Path, tmp_path: Path, program: str
) -> None:
    """Ended before any of its steps, the next run finds nothing half-made and makes it right."""
    script = host.missing_folders(topology(data))
    state = data.parent / "config"
    shell = ["sh"]  # busybox would take its own programs
    done = run(shell, script, path=programs(tmp_path / "bin", **{program: "exit 1"}))
    named = [path for path in [*data.rglob("*"), *state.glob("*")] if path.suffix != ".tame-new"]
    facts = {(path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) for path in named}
    again = run(shell, script)

    assert done.returncode != 0
    assert facts - {(GID, 0o2775), (GID, 0o750)} == {(os.getgid(), 0o644)}  # the marker alone
    assert again.returncode == 0, again.stderr
    assert (state / "radarr").stat().st_uid != 0
    assert not list(data.parent.rglob("*.tame-new"))


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
