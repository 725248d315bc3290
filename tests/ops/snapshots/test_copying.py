"""Files: what a copy keeps, and that moving survives any interruption."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tame_components.ops.snapshots.copying import Scope, copy_tree
from tame_components.ops.snapshots.moving import move_contents, remove_contents
from tests.ops.snapshots.stage import contents, fill


def _state(root: Path) -> Path:
    state = root / "radarr"
    fill(state, "radarr")
    (state / "logs").mkdir()
    (state / "logs/radarr.txt").write_text("log")
    (state / "MediaCover/1").mkdir(parents=True)
    (state / "MediaCover/1/poster.jpg").write_text("picture")
    (state / "link").symlink_to("config.xml")
    (state / "Library/Cache").mkdir(parents=True)
    (state / "Library/Cache/x").write_text("cache")
    (state / "Library/kept").write_text("kept")
    return state


EXCLUDES = ("logs", "MediaCover/*", "Library/Cache")


def test_a_copy_keeps_what_matters_and_leaves_out_what_does_not(tmp_path: Path) -> None:
    """Mode, times and links are kept; excluded directories are not there; databases are counted."""
    state = _state(tmp_path)
    os.utime(state / "config.xml", (1_700_000_000, 1_700_000_000))
    os.setxattr(state / "config.xml", "user.note", b"kept")
    copied = copy_tree(state, tmp_path / "copy", Scope(EXCLUDES), ["radarr.db"])
    copy = tmp_path / "copy"

    assert copied.databases == ("logs.db", "radarr.db")
    assert (copy / "config.xml").stat().st_mode & 0o777 == 0o640
    assert (copy / "config.xml").stat().st_mtime == 1_700_000_000
    assert os.getxattr(copy / "config.xml", "user.note") == b"kept"
    assert (copy / "link").readlink() == Path("config.xml")
    assert not (copy / "logs").exists()
    assert list((copy / "MediaCover").iterdir()) == []
    assert not (copy / "Library/Cache").exists()
    assert copied.files == len(contents(copy))


@pytest.mark.parametrize(
    ("pattern", "path", "out"),
    [
        ("logs", "logs", True),
        ("logs/", "logs", True),
        ("logs/*", "logs/radarr.txt", True),
        ("*.pid", "radarr.pid", True),
        ("logs", "logs.db", False),
        ("Cache", "Library/Cache", False),
        ("**/Cache", "Library/Cache", True),
    ],
)
def test_globs_match_whole_paths(pattern: str, path: str, *, out: bool) -> None:
    """A pattern is relative to the state directory: `logs` never leaves out `logs.db`."""
    assert Scope((pattern,)).leaves_out(path) is out


def test_moving_and_moving_back_changes_nothing(tmp_path: Path) -> None:
    """What is excluded never moves; what moved comes back as it was."""
    state = _state(tmp_path)
    before = contents(state)
    move_contents(state, tmp_path / "away", Scope(EXCLUDES))
    stayed = contents(state)
    move_contents(tmp_path / "away", state, Scope())

    assert set(stayed) == {"logs/radarr.txt", "MediaCover/1/poster.jpg", "Library/Cache/x"}
    assert contents(state) == before


class Died(BaseException):
    """The process was killed."""


def _dying(after: int, rename: Callable[..., Path]) -> Callable[..., Path]:
    left = [after]

    def wrapped(self: Path, target: Path) -> Path:
        if not left[0]:
            raise Died
        left[0] -= 1
        return rename(self, target)

    return wrapped


@pytest.mark.parametrize("after", range(8))
def test_moving_can_be_finished_after_any_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Killed between any two renames, a second call moves the rest, and nothing is lost."""
    state = _state(tmp_path)
    before = contents(state)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", _dying(after, Path.rename))
        with contextlib.suppress(Died):
            move_contents(state, tmp_path / "away", Scope(EXCLUDES))
    move_contents(state, tmp_path / "away", Scope(EXCLUDES))

    assert {**contents(state), **contents(tmp_path / "away")} == before
    assert not set(contents(state)) & set(contents(tmp_path / "away"))


def test_removing_leaves_what_is_excluded(tmp_path: Path) -> None:
    """A restore that is undone never takes logs and covers with it."""
    state = _state(tmp_path)
    remove_contents(state, Scope(EXCLUDES))

    assert set(contents(state)) == {
        "logs/radarr.txt",
        "MediaCover/1/poster.jpg",
        "Library/Cache/x",
    }
