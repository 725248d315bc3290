"""One at a time; whoever waits knows for whom, and how long."""

import os
from pathlib import Path

import pytest

from tame_components.ops import exclusive


BOTH = "two hold it"


class Busy(Exception):
    """Somebody else holds it."""


def test_the_second_is_refused_with_the_holders_name(tmp_path: Path) -> None:
    """Without patience at once, and before anything was done."""
    lock = tmp_path / "lock"
    first, second = (exclusive.held(lock, Busy, patience=0) for _ in range(2))
    with first, pytest.raises(Busy, match=f"process {os.getpid()}$"), second:
        pytest.fail(BOTH)


def test_the_lock_is_free_after_any_end(tmp_path: Path) -> None:
    """Also after an error inside; the error is the caller's."""
    lock = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), exclusive.held(lock, Busy, patience=0):
        _ = 1 / 0
    with exclusive.held(lock, Busy, patience=0):
        assert lock.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("holder", ["", "a killed restic"])
def test_who_waits_is_told_once_for_whom_and_how_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holder: str
) -> None:
    """More than a moment of silence looks like a hang; a line for each look would hide others."""
    monkeypatch.setattr(exclusive, "_A_MOMENT", 0.0)
    lock, said, named = tmp_path / "lock", list[str](), holder or f"process {os.getpid()}"
    first = exclusive.held(lock, Busy, patience=0)
    waiting = exclusive.held(lock, Busy, patience=0.2, tell=said.append, holder=holder)
    with first, pytest.raises(Busy, match=named), waiting:
        pytest.fail(BOTH)

    assert said == [f"waiting for {named}, up to 0 s"]


def test_a_moment_is_not_told(tmp_path: Path) -> None:
    """Neither is a lock that is free."""
    lock, said = tmp_path / "lock", list[str]()
    first = exclusive.held(lock, Busy, patience=9, tell=said.append)
    second = exclusive.held(lock, Busy, patience=0.1, tell=said.append)
    with first, pytest.raises(Busy), second:
        pytest.fail(BOTH)

    assert said == []


def test_a_name_that_nobody_wrote_is_another_process(tmp_path: Path) -> None:
    """A holder between its lock and its note, or one whose disk was full."""
    lock = tmp_path / "lock"
    first, second = (exclusive.held(lock, Busy, patience=0) for _ in range(2))
    with first as file:
        os.ftruncate(file, 0)
        with pytest.raises(Busy, match="another process"), second:
            pytest.fail(BOTH)
