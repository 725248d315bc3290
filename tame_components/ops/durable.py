"""Files that not even a power cut loses: journals of what is owed."""

import os
from pathlib import Path


def write(place: Path, text: str) -> None:
    """Make *text* the content of *place*, in one step, and on the disk when this returns.

    Raises:
        OSError: the disk is full, or not ours; what was there is there still.
    """
    beside = place.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in *folder* to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
