"""Which file systems SQLite cannot live on, and on which one a path lies."""

from collections.abc import Iterator


NETWORK_TYPES = (
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "glusterfs", "ceph", "afs", "ncpfs"),
    *("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.s3fs"),
    *("fuse.mergerfs", "fuse.shfs"),
)
"""Those on which SQLite's locks or write-ahead log fail (sqlite.org/wal.html), as the kernel says.

mergerfs is local, but its direct I/O breaks mmap, as the Servarr FAQ says; shfs is Unraid's
`/mnt/user`, where locks fail too: state belongs on a pool.
"""


def mount_points(mounts: str) -> Iterator[tuple[str, str]]:
    """Each mount point with the name of its file system; a later one hides an earlier one.

    Args:
        mounts: the text of `/proc/self/mountinfo`, see proc(5).
    """
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        if rest:
            yield fields.split()[4].encode().decode("unicode_escape"), rest.split()[0]


def kind_of(path: str, mounts: str) -> str | None:
    """The kernel's name of the file system that *path* lies on; None where *mounts* lacks it.

    Args:
        path: absolute; need not exist yet.
        mounts: as for `mount_points`.
    """
    best, kind = "", None
    for point, name in mount_points(mounts):
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, name
    return kind
