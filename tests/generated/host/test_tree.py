"""File systems are checked and folders made as they say, by real shells on real directories."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tame_components.generated import host
from tame_components.ops import mounts
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
