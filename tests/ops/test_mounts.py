"""What kind of file system a path lies on, and whether one is mounted there."""

from pathlib import Path

import pytest

from tame_components.domain.file_systems import NETWORK_TYPES, kind_of
from tame_components.ops.mounts import mounted


TABLE = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /mnt/nas rw,relatime - nfs4 nas:/volume1 rw
31 22 0:41 / /mnt/nas\\040two rw - cifs //nas/two rw
32 22 0:42 / /mnt/cloud rw - fuse.rclone remote: rw
33 30 254:1 / /mnt/nas/local rw - xfs /dev/vdb rw
34 22 0:43 / /mnt/pool rw - fuse.mergerfs pool rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/config", None),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nas/config/radarr", "nfs4"),
        ("/mnt/nasty/config", None),
        ("/mnt/nas two/config", "cifs"),
        ("/mnt/cloud/x", "fuse.rclone"),
        ("/mnt/pool/appdata", "fuse.mergerfs"),
        ("/mnt/nas/local/config", None),
    ],
)
def test_the_innermost_mount_decides(path: str, kind: str | None) -> None:
    """Doctrine R09: a path is judged by the mount it really lies on, not by a similar name."""
    found = kind_of(path, TABLE)

    assert (found if found in NETWORK_TYPES else None) == kind


def test_a_system_without_the_table_judges_nothing(tmp_path: Path) -> None:
    """Where the kernel tells nothing (not Linux), nothing is refused."""
    assert kind_of("/srv", "") is None
    assert mounted("/srv", tmp_path / "none")


def test_a_promise_to_mount_is_no_mount(tmp_path: Path) -> None:
    """A mount point is the path itself, with something real on it."""
    table = tmp_path / "mountinfo"
    auto = f"40 22 0:50 / {tmp_path}/auto rw - autofs systemd-1 rw\n"
    table.write_text(f"{TABLE}{auto}41 22 0:51 / {tmp_path} rw - xfs x rw\n")

    assert mounted(str(tmp_path), table)
    assert not mounted(str(tmp_path / "auto"), table)
    assert not mounted(str(tmp_path / "below"), table)
    table.write_text(f"{table.read_text()}42 40 0:52 / {tmp_path}/auto rw - ext4 y rw\n")
    assert mounted(str(tmp_path / "auto"), table)
