"""Image layers: deterministic tar files, kept so that the next build finds them."""

import fcntl
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: equal content gives an equal digest, so that the engine stores it once."""

    path: Path
    digest: str
    """SHA-256 of the tar file, hexadecimal."""


class Tree:
    """What a layer holds. Paths are inside the image, without a leading slash."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[tarfile.TarInfo, bytes | Path]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def folder(self, path: str, *, mode: int = 0o755, owner: int = 0) -> None:
        """A directory; parents are made by `write`."""
        self._add(path, b"", tarfile.DIRTYPE, mode, owner)

    def file(self, path: str, content: bytes | Path, *, mode: int = 0o644) -> None:
        """A file with *content*, or with the content of a file of this machine."""
        self._add(path, content, tarfile.REGTYPE, mode)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        self._add(path, b"", tarfile.SYMTYPE, 0o777)
        self._entries[path][0].linkname = target

    def paths(self) -> set[str]:
        """Everything in it."""
        return set(self._entries)

    def write(self, target: io.BufferedIOBase) -> None:
        """As a tar file: same content, same bytes."""
        self._add_parents()
        with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for _, (info, content) in sorted(self._entries.items()):
                if isinstance(content, Path):
                    with content.open("rb") as source:
                        info.size = os.fstat(source.fileno()).st_size
                        tar.addfile(info, source)
                else:
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))

    def _add_parents(self) -> None:
        for path in list(self._entries):
            for parent in list(Path(path).parents)[:-1]:
                if str(parent) not in self._entries:
                    self.folder(str(parent))

    def _add(
        self, path: str, content: bytes | Path, kind: bytes, mode: int, owner: int = 0
    ) -> None:
        info = tarfile.TarInfo(path)
        info.type, info.mode, info.uid, info.gid = kind, mode, owner, owner
        self._entries[path] = (info, content)


def cache() -> Path:
    """Where layers are kept. Everything in it can be deleted."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(root) / "tame" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked() -> Iterator[None]:
    """Keeps other processes from building meanwhile."""
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def kept(name: str, key: str, fill: Callable[[Tree], None]) -> Layer:
    """The layer *name* made from inputs that *key* describes; made by *fill* if it is not kept."""
    path = cache() / f"{name}-{key}.tar"
    noted = path.with_suffix(".sha256")
    if path.exists() and noted.exists():
        return Layer(path, noted.read_text())
    # A key has no dash: `tdarr` must not take the layers of `tdarr-node` for old ones of its own.
    for old in cache().glob(f"{name}-*"):
        if "-" not in old.name.removeprefix(f"{name}-"):
            old.unlink(missing_ok=True)
    tree = Tree()
    fill(tree)
    part = path.with_suffix(".part")
    with part.open("wb") as target:
        tree.write(target)
    part.replace(path)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    noted.write_text(digest)
    return Layer(path, digest)
