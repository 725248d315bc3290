"""What kind of file system a path lies on."""

from pathlib import Path


NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "glusterfs", "ceph", "afs", "ncpfs"}
)
"""File systems on which SQLite's locks or write-ahead log fail (sqlite.org/wal.html)."""

_NETWORK_FUSE = ("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.s3fs", "fuse.mergerfs")
"""mergerfs is local, but its direct I/O breaks mmap, as the Servarr FAQ says."""


def network_file_system(path: str, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The type of the network file system that *path* lies on; None where it is local or unknown.

    Args:
        path: absolute; need not exist yet.
        mounts: the kernel's table, see proc(5).
    """
    best, kind = "", None
    for line in mounts.read_text().splitlines() if mounts.exists() else ():
        fields, _, rest = line.partition(" - ")
        point = fields.split()[4].encode().decode("unicode_escape")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, rest.split()[0]
    return kind if kind in NETWORK_TYPES or kind in _NETWORK_FUSE else None
