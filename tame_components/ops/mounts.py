"""Whether a file system is mounted where one has to be."""

import contextlib
import os
from pathlib import Path

from tame_components.domain.file_systems import mount_points


def mounted(path: str, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether *path* is a mount point; on a machine without *mounts* nobody can tell, so yes."""
    if not mounts.exists():
        return True
    with contextlib.suppress(OSError):
        any(Path(path).iterdir())  # what autofs mounts on demand is mounted now
    here = os.path.realpath(path)
    return is_mount_point(here, mounts.read_text())


def is_mount_point(path: str, table: str) -> bool:
    """Whether something real is mounted at *path*, which is no link, as *table* says."""
    kinds = [kind for point, kind in mount_points(table) if point == path]
    return bool(kinds) and kinds[-1] != "autofs"
