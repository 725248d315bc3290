"""Files of a state directory, moved away and put back by renaming."""

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tame_components.ops.snapshots.copying import Scope, dress, walk


def move_contents(source: Path, target: Path, scope: Scope) -> None:
    """Move what is in *scope* from *source* into *target*, by renaming.

    A directory moves whole unless something below it stays. What is left out stays where it is,
    and directories that hold it do. Doing it again after an interruption finishes it.

    Raises:
        OSError: the two lie on different file systems, or somebody uses a mount point in between.
    """
    target.mkdir(parents=True, exist_ok=True)
    _move(source, target, "", scope)


def _move(source: Path, target: Path, folder: str, scope: Scope) -> None:
    for name in sorted(os.listdir(source / folder)):  # noqa: PTH208 - names are what is needed
        path = f"{folder}/{name}" if folder else name
        if scope.leaves_out(path):
            continue
        old, new = source / path, target / path
        whole = not _is_folder(old) or (not new.exists() and not _something_stays(old, path, scope))
        if whole:
            old.rename(new)
            continue
        if not new.exists():
            new.mkdir()
            dress(str(old), str(new))
        _move(source, target, path, scope)
        with contextlib.suppress(OSError):  # it holds something that stays
            old.rmdir()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _something_stays(root: Path, below: str, scope: Scope) -> bool:
    if not scope.excludes:
        return False
    return any(
        scope.leaves_out(f"{below}/{Path(folder, name).relative_to(root)}")
        for folder, folders, files in os.walk(root)
        for name in (*folders, *files)
    )


def remove_contents(root: Path, scope: Scope) -> None:
    """Remove what is in *scope* from *root*, and leave *root* and what is left out."""
    found = list(walk(root, scope))
    for path, entry in reversed(found):
        if not entry.is_dir(follow_symlinks=False):
            (root / path).unlink(missing_ok=True)
        else:
            with contextlib.suppress(OSError):  # it holds something that stays
                (root / path).rmdir()


def give_to(root: Path, old_uid: int, new_uid: int, group: int) -> None:
    """Hand every file below *root* of *old_uid* to *new_uid*, in *group*."""
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)  # noqa: PTH118 - strings, for speed
            if os.lstat(path).st_uid == old_uid:
                os.chown(path, new_uid, group, follow_symlinks=False)


def settle(root: Path) -> None:
    """Wait until every file below *root* is on the disk; renaming them is safe then."""
    for _, entry in walk(root, Scope()):
        if not entry.is_symlink():
            descriptor = os.open(entry.path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def discard(folders: Sequence[Path]) -> None:
    """Remove directories that are worth nothing; what cannot be removed is left."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
