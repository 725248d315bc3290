"""A state directory is copied through the engine whole, once, and only over nothing."""

import contextlib
import io
import os
import secrets
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tame_components.catalog import catalog
from tame_components.domain.adoption import OldState
from tame_components.ops.adopt import archives
from tame_components.ops.adopt.copying import carry
from tame_components.ops.adopt.errors import CopyDiffers, StateInTheWay
from tame_components.ops.adopt.model import ADOPTED, Move
from tame_components.ops.adopt.reach import LABEL, sweep
from testbed.engine import ensure
from testbed.images import build


pytestmark = pytest.mark.engine

STACK = f"t{secrets.token_hex(3)}"
IMAGE = f"tame.invalid/radarr:{catalog()['radarr'].image.tag}"


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.APIClient]:
    """An engine with an image on it."""
    host = ensure().host
    build(host, ("radarr",))
    with contextlib.closing(docker.APIClient(host, version="auto", timeout=60)) as one:
        yield one


@pytest.fixture(scope="module")
def volume(engine: docker.APIClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A volume as an application leaves it: a database with its log, links, owners, modes."""
    place = tmp_path_factory.mktemp("state")
    database = sqlite3.connect(place / "radarr.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE Movies (Title TEXT)")
    database.executemany("INSERT INTO Movies VALUES (?)", [(f"film {n}",) for n in range(40)])
    database.commit()  # still in the log: nobody has closed it
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("radarr.db", "radarr.db-wal"):
            archive.add(place / name, name, filter=_owned)
        _put(archive, "config.xml", b"<Config/>", 0o640)
        _put(archive, "logs/broken.db", b"SQLite format 3\0" + b"x" * 5000)
        _put(archive, "link", b"", link="config.xml")
    database.close()
    name = f"{STACK}-films"
    engine.create_volume(name)
    mounts = [docker.types.Mount("/state", name, type="volume")]
    config = engine.create_host_config(mounts=mounts)
    box = engine.create_container(IMAGE, command=["none"], host_config=config)
    engine.put_archive(box["Id"], "/state", packed.getvalue())
    engine.remove_container(box["Id"], v=True)
    yield name
    engine.remove_volume(name)


def _owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid, member.gid, member.mode = 1234, 1235, 0o600
    return member


def _put(
    archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644, *, link: str = ""
) -> None:
    member = tarfile.TarInfo(name)
    member.type = tarfile.SYMTYPE if link else tarfile.REGTYPE
    member.size, member.linkname = len(content), link
    member.uid, member.gid, member.mode = 1234, 1235, mode
    archive.addfile(member, io.BytesIO(content))


@pytest.fixture
def move(volume: str, tmp_path: Path) -> Move:
    """The volume, on its way."""
    state = OldState(kind="volume", source=volume, directory="/config")
    target = str(tmp_path / "config/radarr")
    return Move(stack=STACK, service="radarr", app="radarr", state=state, target=target)


def helpers(engine: docker.APIClient) -> list[Any]:
    """Containers that a run has left."""
    found: list[Any] = engine.containers(all=True, filters={"label": f"{LABEL}={STACK}"})
    return found


def test_a_volume_is_copied_whole_and_checked(engine: docker.APIClient, move: Move) -> None:
    """Owner, mode, links and rows, those in the log too; the volume stays; a second run is none."""
    done = carry(move, engine)
    place = Path(move.target)
    config = (place / "config.xml").stat()

    assert (done.files, done.databases, done.rows) == (5, 1, 40)
    assert done.unsound == ("logs/broken.db",)
    assert (config.st_uid, config.st_gid, stat.S_IMODE(config.st_mode)) == (1234, 1235, 0o640)
    assert (place / "link").readlink() == Path("config.xml")
    assert (place / ADOPTED).exists()
    assert engine.inspect_volume(move.state.source)
    assert helpers(engine) == []
    (place / "config.xml").write_text("the new stack's")
    assert carry(move, engine).before
    assert (place / "config.xml").read_text() == "the new stack's"


def test_an_interrupted_copy_is_finished(engine: docker.APIClient, move: Move) -> None:
    """Some files are whole, the one that was being written is not, others are missing."""
    carry(move, engine)
    place = Path(move.target)
    for name in (ADOPTED, "link"):
        (place / name).unlink()
    os.truncate(place / "radarr.db", 100)
    os.chown(place / "radarr.db", 0, 0)

    assert carry(move, engine).rows == 40
    assert (place / "radarr.db").stat().st_uid == 1234
    assert (place / "link").is_symlink()


def _other(place: Path) -> None:
    (place / "mine.db").touch()


def _changed(place: Path) -> None:
    (place / "config.xml").write_text("one")
    (place / "radarr.db").write_text("two")


@pytest.mark.parametrize("spoil", [_other, _changed])
def test_what_is_not_a_copy_is_never_touched(
    engine: docker.APIClient, move: Move, spoil: Callable[[Path], None]
) -> None:
    """TAME812: a file more, or two that differ, are somebody's state."""
    place = Path(move.target)
    place.mkdir(parents=True)
    spoil(place)
    before = {one.name: one.read_bytes() for one in place.iterdir()}

    with pytest.raises(StateInTheWay):
        carry(move, engine)
    assert {one.name: one.read_bytes() for one in place.iterdir()} == before


def test_a_copy_that_differs_does_not_count(
    engine: docker.APIClient, move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TAME813: what a full disk or a writer would leave; there is no mark, so nothing is done."""
    real = archives.copy

    def spoilt(*words: Any) -> None:
        real(*words)
        Path(move.target, "config.xml").write_text("<Config></Config>")

    monkeypatch.setattr(archives, "copy", spoilt)

    with pytest.raises(CopyDiffers, match=r"`config\.xml`"):
        carry(move, engine)
    assert not Path(move.target, ADOPTED).exists()


def test_ctrl_c_leaves_no_container(
    engine: docker.APIClient, move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what a killed run left is swept by the next."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(archives, "copy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        carry(move, engine)
    assert helpers(engine) == []

    engine.create_container(IMAGE, command=["none"], labels={LABEL: STACK})
    sweep(STACK, engine)
    assert helpers(engine) == []
