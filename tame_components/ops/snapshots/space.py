"""Room on a disk."""

import shutil
from pathlib import Path


_RESERVE = 64 * 2**20
"""Bytes that a copy never takes: the services need some, too."""


def free_bytes(path: Path) -> int:
    """Bytes that a copy on the file system of *path* may take."""
    return max(0, shutil.disk_usage(path).free - _RESERVE)
