"""Files of containers, through the engine: read and written as tar streams, nothing is run.

Docker's `GET` and `PUT /containers/{id}/archive` (moby/moby, api/swagger.yaml) mount what the
container mounts, work on containers that were never started, and keep owner, mode and time. So
volumes and directories of the engine's host can be read and filled without a program in the image,
without root here, and on an engine elsewhere. (Tried with Docker 20.10.)
"""

import contextlib
import hashlib
import io
import posixpath
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from typing_extensions import override


if TYPE_CHECKING:
    import docker
    from _typeshed import WriteableBuffer


_LINKS = 5
"""Symbolic links in a row that are followed to a file."""
_LARGEST = 8 * 2**20
"""Bytes of a file of settings."""
_CHUNK = 2**20


class Entry(NamedTuple):
    """One file, directory or link of a tree; small, for Plex has some 100,000 of them."""

    kind: str
    """Of tar: `0` a file, `1` a hard link, `2` a symbolic one, `5` a directory."""
    size: int
    mode: int
    uid: int
    gid: int
    content: bytes
    """BLAKE2 of a file; where a link leads."""


Tree = Mapping[str, Entry]
"""By path below the directory that was read; that itself is the empty path."""


def first_entry(engine: "docker.APIClient", container: str, path: str) -> Entry | None:
    """What lies at *path* of *container*, without what is in it; None: nothing does."""
    with _opened(engine, container, path) as archive:
        member = archive.next() if archive else None
        return _entry(member, b"") if member else None


def read_text(engine: "docker.APIClient", container: str, path: str) -> str | None:
    """The text of a small file; None where there is none. Symbolic links are followed."""
    for _ in range(_LINKS):
        with _opened(engine, container, path) as archive:
            member = archive.next() if archive else None
            if archive is None or member is None:
                return None
            if not member.issym():
                content = archive.extractfile(member) if member.isreg() else None
                return content.read(_LARGEST).decode("utf-8", "replace") if content else None
            path = posixpath.join(posixpath.dirname(path), member.linkname)
    return None


def read_tree(
    engine: "docker.APIClient", container: str, path: str, keep: "Keeper | None" = None
) -> Tree | None:
    """Everything at and below *path*; None: nothing is there.

    Args:
        engine: whose *container* it is.
        container: id or name.
        path: a directory in it.
        keep: gets a copy of the files that it wants.
    """
    found: dict[str, Entry] = {}
    with _opened(engine, container, path) as archive:
        if archive is None:
            return None
        while member := archive.next():
            _, _, below = member.name.rstrip("/").partition("/")
            found[below] = _entry(member, _content(archive, member, below, keep))
            archive.members.clear()  # type: ignore[attr-defined] # else 1 kB of each is kept
    return found


class Keeper:
    """Puts the files that a name suits into a directory, as they pass by."""

    def __init__(self, directory: Path, suffixes: Iterable[str]) -> None:
        self.directory = directory
        self._suffixes = tuple(suffixes)

    def place(self, below: str) -> Path | None:
        """Where the file at *below* is put; None: it is not kept."""
        if not below.endswith(self._suffixes):
            return None
        place = self.directory / below
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def copy(engine: "docker.APIClient", source: tuple[str, str], target: tuple[str, str]) -> None:
    """Put the directory *source* into the directory *target*, each a container and a path.

    Raises:
        docker.errors.APIError: the engine could not; what it had written stays.
    """
    stream, _ = engine.get_archive(*source)
    if not engine.put_archive(*target, stream):
        raise OSError(f"the engine did not take `{target[1]}`")


def put_text(
    engine: "docker.APIClient", container: str, directory: str, name: str, text: str
) -> None:
    """Write a small file that anybody may read."""
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o644
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(member, io.BytesIO(data))
    engine.put_archive(container, directory, packed.getvalue())


@contextlib.contextmanager
def _opened(
    engine: "docker.APIClient", container: str, path: str
) -> Iterator[tarfile.TarFile | None]:
    import docker  # noqa: PLC0415 - see ops.engine

    try:
        stream, _ = engine.get_archive(container, path, chunk_size=_CHUNK)
    except docker.errors.NotFound:
        yield None
        return
    with (
        contextlib.closing(stream),
        tarfile.open(fileobj=io.BufferedReader(_Chunks(stream), _CHUNK), mode="r|") as archive,
    ):
        yield archive


def _entry(member: tarfile.TarInfo, content: bytes) -> Entry:
    return Entry(
        kind=member.type.decode().replace("\0", "0"),
        size=member.size,
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        content=content or member.linkname.encode(),
    )


def _content(
    archive: tarfile.TarFile, member: tarfile.TarInfo, below: str, keep: Keeper | None
) -> bytes:
    file = archive.extractfile(member) if member.isreg() else None
    if file is None:
        return b""
    digest = hashlib.blake2b(digest_size=16)
    place = keep.place(below) if keep else None
    with place.open("wb") if place else contextlib.nullcontext() as kept:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if kept:
                kept.write(chunk)
    return digest.digest()


class _Chunks(io.RawIOBase):
    """A stream of chunks as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: "WriteableBuffer") -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        view = memoryview(buffer)
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)
