"""Files of a state directory, copied with owner, mode, times and attributes.

Where the file system can share blocks (btrfs, XFS), a copy is a reflink: no bytes move. A service
waits while its files are copied, so this is written for many small ones, too.
"""

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from pathlib import Path

from tame_components.ops.snapshots.sqlite import (
    SIDECARS,
    SUFFIXES,
    Unsound,
    copy_database,
    is_database,
)


_CHUNK = 2**30
"""Bytes that the kernel copies in one call."""
_NOT_BY_KERNEL = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}


@dataclass(frozen=True)
class Scope:
    """Which files of a state directory a snapshot holds."""

    excludes: tuple[str, ...] = ()
    """Globs relative to the directory; a directory that matches is left out with all in it."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(translate(glob.rstrip("/")) for glob in self.excludes))

    def leaves_out(self, path: str) -> bool:
        """Whether *path*, relative to the state directory, is excluded itself."""
        return bool(self.excludes) and self._pattern.match(path) is not None


@dataclass(frozen=True)
class Copied:
    """What a copy consists of."""

    files: int
    size: int
    """Bytes."""
    databases: tuple[str, ...]
    """Relative paths of what went through SQLite's backup API."""
    unreadable: tuple[str, ...] = ()
    """What calls itself a database, is none that the catalog knows, and was copied as a file."""


def walk(root: Path, scope: Scope) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below *root* that is in *scope*, a directory before what is in it."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                path = f"{folder}/{entry.name}" if folder else entry.name
                if scope.leaves_out(path):
                    continue
                yield path, entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)


def size_of(root: Path, scope: Scope) -> int:
    """Bytes that a copy of *root* takes; files that vanish meanwhile do not count."""
    total = 0
    for _, entry in walk(root, scope):
        with contextlib.suppress(FileNotFoundError):
            if entry.is_file(follow_symlinks=False):
                total += entry.stat(follow_symlinks=False).st_size
    return total


def copy_tree(source: Path, target: Path, scope: Scope, databases: Iterable[str]) -> Copied:
    """Copy *source* into the new directory *target*.

    Args:
        source: a state directory whose service does not run.
        target: made here.
        scope: what is left out.
        databases: relative paths that are SQLite files, whatever their name and content.

    Raises:
        Unsound: one of *databases* cannot be read.
        OSError: a file cannot be read or written.
    """
    target.mkdir(parents=True)
    declared = frozenset(databases)
    found: list[str] = []
    unreadable: list[str] = []
    files = size = 0
    folders = [(str(source), str(target))]
    for path, entry in walk(source, scope):
        old, new = entry.path, f"{target}/{path}"
        if entry.is_dir(follow_symlinks=False):
            os.mkdir(new)  # noqa: PTH102 - strings, for speed
            folders.append((old, new))
            continue
        if entry.is_symlink():
            Path(new).symlink_to(Path(old).readlink())
            dress(old, new)
        elif not entry.is_file() or _beside_database(source, path, declared):
            continue
        elif path in declared or (path.endswith(_SUFFIXES) and is_database(Path(old))):
            (found if _copy_database(path, old, new, declared) else unreadable).append(path)
        else:
            _copy_file(old, new)
        files += 1
        size += os.lstat(new).st_size
    for old, new in reversed(folders):  # times of directories last: filling them changes them
        dress(old, new)
    return Copied(files, size, tuple(sorted(found)), tuple(unreadable))


_SUFFIXES = tuple(SUFFIXES)


def _copy_database(path: str, old: str, new: str, declared: frozenset[str]) -> bool:
    """Whether it could be copied as a database; what only looks like one is copied as a file."""
    try:
        copy_database(Path(old), Path(new))
    except Unsound as error:
        if path in declared:
            raise Unsound(str(error), path) from error
        Path(new).unlink(missing_ok=True)
        _copy_file(old, new)
        return False
    dress(old, new)
    return True


def _beside_database(root: Path, path: str, declared: frozenset[str]) -> bool:
    for suffix in SIDECARS:
        if path.endswith(suffix):
            main = path.removesuffix(suffix)
            beside = root / main
            return beside.is_file() and (main in declared or is_database(beside))
    return False


def _copy_file(old: str, new: str) -> None:
    source = os.open(old, os.O_RDONLY | os.O_CLOEXEC)
    try:
        target = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            facts = os.fstat(source)
            _copy_bytes(source, target)
            if (facts.st_uid, facts.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(target, facts.st_uid, facts.st_gid)
            _copy_attributes(source, target)
            os.fchmod(target, stat.S_IMODE(facts.st_mode))
            os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        finally:
            os.close(target)
    finally:
        os.close(source)


def _copy_bytes(source: int, target: int) -> None:
    """By the kernel, which shares blocks where it can; else through this process."""
    if sys.platform == "linux":
        try:
            while os.copy_file_range(source, target, _CHUNK):
                pass
        except OSError as error:
            if error.errno not in _NOT_BY_KERNEL:
                raise
        else:
            return
    with open(source, "rb", closefd=False) as old, open(target, "wb", closefd=False) as new:
        shutil.copyfileobj(old, new)


def dress(old: str, new: str) -> None:
    """Owner, mode, times and extended attributes (access lists among them) of *old* for *new*."""
    facts = os.lstat(old)
    os.chown(new, facts.st_uid, facts.st_gid, follow_symlinks=False)
    _copy_attributes(old, new)
    if not stat.S_ISLNK(facts.st_mode):
        os.chmod(new, stat.S_IMODE(facts.st_mode))  # noqa: PTH101 - strings, for speed
        os.utime(new, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _copy_attributes(old: str | int, new: str | int) -> None:
    if sys.platform != "linux":
        return
    links = {} if isinstance(old, int) else {"follow_symlinks": False}
    for name in os.listxattr(old, **links):
        with contextlib.suppress(OSError):  # the kernel's own, e.g. of SELinux, come by themselves
            os.setxattr(new, name, os.getxattr(old, name, **links), **links)
