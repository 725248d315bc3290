"""A file is replaced whole, and stays whose it was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tame_components.ops import durable


@pytest.fixture(params=[0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """That of the person who runs it."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, umask: int, mode: int) -> None:
    """What its owner closed stays closed, and what a group shares stays shared, by any umask."""
    place = tmp_path / "Pulumi.prod.yaml"
    place.write_text("old")
    place.chmod(mode)

    durable.write(place, "new")

    assert (place.read_text(), place.stat().st_mode & 0o777) == ("new", mode), oct(umask)


def test_a_new_file_is_what_the_umask_leaves_unless_its_mode_is_said(
    tmp_path: Path, umask: int
) -> None:
    """A reader that is nobody's user needs a mode that does not depend on who wrote."""
    durable.write(tmp_path / "mine", "")
    durable.write(tmp_path / "everyones", "", mode=0o644)

    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o666 & ~umask
    assert (tmp_path / "everyones").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_root_leaves_a_persons_file_to_the_person(tmp_path: Path) -> None:
    """Settings that `sudo tame ...` wrote can be edited afterwards by whose they are."""
    place = tmp_path / "Pulumi.prod.yaml"
    place.write_text("old")
    os.chown(place, 1234, 2345)

    durable.write(place, "new")

    assert (place.stat().st_uid, place.stat().st_gid) == (1234, 2345)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    """And nothing beside it."""
    place = tmp_path / "journal.json"
    place.write_text("old")

    with pytest.raises(UnicodeEncodeError):
        durable.write(place, "half\udcff")

    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_the_rest_of_an_interrupted_one_is_no_hindrance(tmp_path: Path) -> None:
    """Neither its text nor its mode gets into the file."""
    place = tmp_path / "journal.json"
    rest = tmp_path / ".journal.json.new"
    rest.write_text("much longer than what comes")
    rest.chmod(0o606)

    durable.write(place, "new", mode=0o600)

    assert (place.read_text(), place.stat().st_mode & 0o777) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [place]
