"""What counts as a copy of a database."""

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tame_components.ops.snapshots.sqlite import (
    Unsound,
    copy_database,
    count_rows,
    inspect_database,
    is_database,
)
from tests.ops.snapshots.stage import add_rows


def _database(path: Path, rows: int) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as one:
        one.execute("PRAGMA journal_mode=WAL")
        one.execute("CREATE TABLE Movies (Id INTEGER PRIMARY KEY, Title TEXT)")
        one.execute("CREATE INDEX ByTitle ON Movies (Title)")
    add_rows(path, "Movies", rows)
    return path


@pytest.mark.parametrize("with_shm", [True, False])
def test_rows_that_are_only_in_the_log_are_copied(tmp_path: Path, *, with_shm: bool) -> None:
    """A database that was killed has rows in its `-wal`; the copy is one file that has them."""
    live = _database(tmp_path / "live.db", 100)
    killed = tmp_path / "killed.db"
    with closing(sqlite3.connect(live, isolation_level=None)) as one:
        one.execute("PRAGMA wal_autocheckpoint=0")
        one.executemany("INSERT INTO Movies (Title) VALUES (?)", [("late",)] * 50)
        for suffix in ("", "-wal", *(("-shm",) if with_shm else ())):
            shutil.copy(f"{live}{suffix}", f"{killed}{suffix}")
    copy_database(killed, tmp_path / "copy.db")

    assert inspect_database(tmp_path / "copy.db", "x.db").rows == {"Movies": 150}
    assert {path.name for path in tmp_path.glob("copy*")} == {"copy.db"}


def test_a_copy_of_a_busy_database_is_sound(tmp_path: Path) -> None:
    """Somebody writes all the time; each copy is sound and has whole transactions."""
    live = _database(tmp_path / "live.db", 0)
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            add_rows(live, "Movies", 10)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copy = tmp_path / f"{number}.db"
            copy_database(live, copy)
            assert inspect_database(copy, "x.db").rows["Movies"] % 10 == 0
    finally:
        done.set()
        writer.join()


@pytest.mark.parametrize("offset", [0, 4096])
def test_a_damaged_database_does_not_count(tmp_path: Path, offset: int) -> None:
    """A garbage page, the first or another, is found, though SELECT may still work."""
    file = tmp_path / "copy.db"
    copy_database(_database(tmp_path / "live.db", 2000), file)
    with file.open("r+b") as damaged:
        damaged.seek(offset)
        damaged.write(b"\xff" * 4096)

    with pytest.raises(Unsound):
        inspect_database(file, "x.db")


def test_an_index_that_contradicts_its_table_is_found(tmp_path: Path) -> None:
    """`quick_check` calls such a file sound; the full check does not."""
    file = tmp_path / "copy.db"
    copy_database(_database(tmp_path / "live.db", 100), file)
    with closing(sqlite3.connect(file, isolation_level=None)) as one:
        one.execute("PRAGMA writable_schema=ON")
        one.execute(
            "UPDATE sqlite_master SET sql = 'CREATE INDEX ByTitle ON Movies (Id)' "
            "WHERE name = 'ByTitle'"
        )
    with closing(sqlite3.connect(file)) as one:
        assert one.execute("PRAGMA quick_check").fetchall() == [("ok",)]

    with pytest.raises(Unsound):
        inspect_database(file, "x.db")


def test_orderings_of_the_application_are_no_damage(tmp_path: Path) -> None:
    """Plex sorts by rules that only Plex has; its database can be checked and counted."""
    file = tmp_path / "plex.db"
    with closing(sqlite3.connect(file)) as one, one:
        one.create_collation("icu_root", lambda a, b: (a > b) - (a < b))
        one.execute("CREATE TABLE items (title TEXT COLLATE icu_root)")
        one.execute("CREATE INDEX by_title ON items (title COLLATE icu_root)")
        one.executemany("INSERT INTO items VALUES (?)", [("a",), ("b",)])

    found = inspect_database(file, "plex.db")

    assert found.rows == {"items": 2}
    assert found.check == "quick"
    assert count_rows(file, "plex.db") is not None


def test_what_cannot_be_read_has_no_rows(tmp_path: Path) -> None:
    """The look before a restore never fails: the file may be why somebody restores."""
    (tmp_path / "bad.db").write_bytes(b"garbage" * 1000)

    assert count_rows(tmp_path / "bad.db", "bad.db") is None
    assert count_rows(tmp_path / "none.db", "none.db") is None
    assert not (tmp_path / "none.db").exists()


def test_a_database_is_known_by_name_and_content(tmp_path: Path) -> None:
    """A text called `.db` is copied as a text."""
    (tmp_path / "text.db").write_text("text")

    assert is_database(_database(tmp_path / "real.sqlite3", 1))
    assert not is_database(tmp_path / "text.db")
