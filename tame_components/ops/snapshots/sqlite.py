"""SQLite files: copied with SQLite's own backup API, and checked before a copy counts.

A plain copy of a database in use is corrupt more often than not, with or without its `-wal`; a
file of 0 bytes passes `integrity_check`; and a database with a garbage page still answers SELECT.
So: backup API, then `integrity_check`, then the rows of every table. `quick_check` misses an index
that contradicts its table, and saves hardly any time. (Measured with SQLite 3.40.)
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from tame_components.domain.base import Frozen


SIDECARS = ("-wal", "-shm", "-journal")
"""What lies beside a database and must never meet another copy of it: SQLite replays it silently,
and the check still says `ok`."""
MAGIC = b"SQLite format 3\0"
SUFFIXES = frozenset({".db", ".db3", ".sqlite", ".sqlite3"})
_BUSY_SECONDS = 5.0
_HEADER, _READ_VERSION, _WAL = 20, 19, b"\x02"
"""sqlite.org/fileformat2.html: byte 19 is 2 in WAL mode."""
_MISSING_COLLATION = "no such collation sequence: "
_PROBLEMS = 3
"""Of `integrity_check`, that are told."""


class Contents(Frozen):
    """What a sound database holds."""

    path: str
    """Relative to the state directory."""
    rows: dict[str, int]
    """By table; virtual ones are left out, their rows lie in ordinary ones."""
    check: Literal["full", "quick"] = "full"
    """`quick`: it sorts by rules that only its application knows (Plex), so its indexes cannot be
    compared with its tables."""


class Unsound(Exception):
    """Why a database does not count; the caller knows whose it is."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.path = path
        """Where the caller does not know it: relative to the state directory."""


def is_database(path: Path) -> bool:
    """Whether *path* is a SQLite file by name and content."""
    if path.suffix not in SUFFIXES:
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def copy_database(source: Path, target: Path) -> None:
    """Copy *source* as its application would read it: with what its `-wal` or journal holds.

    The copy is one file. It is not synchronized to the disk: it is a step on the way.

    Raises:
        Unsound: it is no database, or damaged so that it cannot be read.
    """
    try:
        with closing(_reading(source)) as old, closing(sqlite3.connect(target)) as new:
            new.execute("PRAGMA synchronous=OFF")
            new.execute("PRAGMA journal_mode=OFF")
            old.backup(new)
    except sqlite3.DatabaseError as error:
        raise Unsound(str(error)) from error


def inspect_database(file: Path, name: str) -> Contents:
    """Check a copy that nobody writes to, and count its rows.

    Args:
        file: the copy.
        name: its path relative to the state directory.

    Raises:
        Unsound: it is damaged.
    """
    try:
        with closing(_open(file, "mode=ro&immutable=1")) as database:
            check = _check(database)
            return Contents(path=name, rows=_rows(database), check=check)
    except sqlite3.DatabaseError as error:
        raise Unsound(str(error)) from error


def count_rows(file: Path, name: str) -> Contents | None:
    """The rows of a database that its application may be using; None where it cannot be read."""
    try:
        with closing(_reading(file)) as database:
            return Contents(path=name, rows=_rows(database))
    except (sqlite3.DatabaseError, OSError):
        return None


def _open(path: Path, mode: str) -> sqlite3.Connection:
    name = f"file:{quote(str(path))}?{mode}"
    return sqlite3.connect(name, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _reading(path: Path) -> sqlite3.Connection:
    """Open what its application owns, and leave nothing beside it.

    A reader of a database in WAL mode makes a `-wal` and a `-shm`, and may not remove them. While
    there is no `-wal`, nobody has the database open, and it can be read as it lies.
    """
    with path.open("rb") as file:
        in_wal_mode = file.read(_HEADER)[_READ_VERSION:] == _WAL
    alone = in_wal_mode and not path.with_name(f"{path.name}-wal").exists()
    return _open(path, "mode=ro&immutable=1" if alone else "mode=ro")


def _check(database: sqlite3.Connection) -> Literal["full", "quick"]:
    """Raises Unsound where SQLite finds fault."""
    said, foreign = _ask(database, "PRAGMA integrity_check")
    if foreign:
        said, _ = _ask(database, "PRAGMA quick_check")
    if said != [("ok",)]:
        raise Unsound("; ".join(str(row[0]) for row in said[:_PROBLEMS]) or "no verdict")
    return "quick" if foreign else "full"


def _ask(database: sqlite3.Connection, statement: str) -> tuple[list[tuple[object, ...]], bool]:
    """The rows of *statement*, and whether it needed orderings that only the application has.

    Ours in their place make the file readable; the order of indexes cannot be judged then.
    """
    known: set[str] = set()
    while True:
        try:
            return database.execute(statement).fetchall(), bool(known)
        except sqlite3.OperationalError as error:
            _, found, name = str(error).partition(_MISSING_COLLATION)
            if not found or name in known:
                raise
            known.add(name)
            database.create_collation(name, _by_bytes)


def _by_bytes(one: str, other: str) -> int:
    return (one > other) - (one < other)


def _rows(database: sqlite3.Connection) -> dict[str, int]:
    tables, _ = _ask(
        database,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )
    return {str(name): _count(database, str(name)) for (name,) in tables}


def _count(database: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    rows, _ = _ask(database, f'SELECT count(*) FROM "{quoted}"')  # noqa: S608 - quoted
    return int(str(rows[0][0]))
