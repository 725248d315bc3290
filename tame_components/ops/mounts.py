"""What kind of file system a path of this machine lies on."""

import contextlib
import os
from pathlib import Path

from tame_components.domain.file_systems import NETWORK_TYPES, kind_of, mount_points


def network_file_system(path: str, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The type of the network file system that *path* lies on; None where it is local or unknown.

    Args:
        path: absolute; need not exist yet.
        mounts: the kernel's table, see proc(5).
    """
    kind = kind_of(path, mounts.read_text()) if mounts.exists() else None
    return kind if kind in NETWORK_TYPES else None


def mounted(path: str, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Whether *path* is a mount point; on a machine without *mounts* nobody can tell, so yes."""
    if not mounts.exists():
        return True
    with contextlib.suppress(OSError):
        any(Path(path).iterdir())  # what autofs mounts on demand is mounted now
    here = os.path.realpath(path)
    kinds = [kind for point, kind in mount_points(mounts.read_text()) if point == here]
    return bool(kinds) and kinds[-1] != "autofs"
