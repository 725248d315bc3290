"""What kind of file system a path lies on."""

import contextlib
import os
from pathlib import Path


NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "glusterfs", "ceph", "afs", "ncpfs"}
)
"""File systems on which SQLite's locks or write-ahead log fail (sqlite.org/wal.html)."""

_NETWORK_FUSE = (
    *("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.s3fs"),
    *("fuse.mergerfs", "fuse.shfs"),
)
"""mergerfs is local, but its direct I/O breaks mmap, as the Servarr FAQ says; shfs is Unraid's
`/mnt/user`, where locks fail too: state belongs on a pool."""


def network_file_system(path: str, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The type of the network file system that *path* lies on; None where it is local or unknown.

    Args:
        path: absolute; need not exist yet.
        mounts: the kernel's table, see proc(5).
    """
    best, kind = "", None
    for line in mounts.read_text().splitlines() if mounts.exists() else ():
        fields, _, rest = line.partition(" - ")
        point = _unescaped(fields.split()[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, rest.split()[0]
    return kind if kind in NETWORK_TYPES or kind in _NETWORK_FUSE else None


def mounted(path: str, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether *path* is a mount point; on a machine without *mounts* nobody can tell, so yes."""
    if not mounts.exists():
        return True
    with contextlib.suppress(OSError):
        any(Path(path).iterdir())  # what autofs mounts on demand is mounted now
    kinds = [
        rest.split()[0]
        for fields, _, rest in (line.partition(" - ") for line in mounts.read_text().splitlines())
        if _unescaped(fields.split()[4]) == os.path.realpath(path)
    ]
    return bool(kinds) and kinds[-1] != "autofs"


def _unescaped(point: str) -> str:
    return point.encode().decode("unicode_escape")
