"""Files that are replaced whole: nobody reads half of one, and not even a power cut loses it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from tame_components.ops.errors import CannotWrite


def write(place: Path, text: str, *, mode: int | None = None) -> None:
    """Make *text* the content of *place*, in one step, and on the disk when this returns.

    Args:
        place: a file, there or not, in a directory that is there.
        text: the whole content.
        mode: whatever the umask is. Default: as it was; a new file gets what the umask leaves.

    Raises:
        OSError: the disk is full, or not ours; what was there is there still.
    """
    beside = place.with_name(f".{place.name}.new")
    beside.unlink(missing_ok=True)  # of one that was interrupted, with whatever mode
    try:
        with beside.open("x", encoding="utf-8") as file:
            _as_it_was(file.fileno(), place, mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Whatever the system refuses inside is an error that names *place*.

    Raises:
        CannotWrite: no such directory, not ours, or full.
    """
    try:
        yield
    except OSError as error:
        raise CannotWrite(str(place), error.strerror or str(error)) from error


def _as_it_was(new: int, place: Path, mode: int | None) -> None:
    """Owner and mode of *place*, before there is something to read."""
    with contextlib.suppress(FileNotFoundError):
        old = place.stat()
        with contextlib.suppress(PermissionError):  # only root gives a file away
            os.fchown(new, old.st_uid, old.st_gid)
        os.fchmod(new, old.st_mode & 0o777)
    if mode is not None:
        os.fchmod(new, mode)


def sync_folder(folder: Path) -> None:
    """Bring the names in *folder* to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
