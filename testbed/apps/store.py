"""Real SQLite databases under the real names."""

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from testbed.apps.place import DatabaseFact


_PLAIN = '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Name" TEXT, "Data" TEXT'
"""Columns of a table that the catalog names and the stand-in does not use."""
_BUSY_SECONDS = 1.0
"""Servarr's BusyTimeout (NzbDrone.Core, ConnectionStringFactory.cs)."""


class Store:
    """One open database file in WAL mode.

    Raises sqlite3.DatabaseError where the real application's driver would: a damaged file is
    found when it is read, not before.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.DatabaseError:
            self._connection.close()
            raise

    def run(self, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """The rows of *statement*, committed."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def insert(self, table: str, row: Mapping[str, object]) -> int:
        """Adds *row* to *table*; its id. Names come from the stand-in, never from a client."""
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        with self._lock:
            cursor = self._connection.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - see above
                tuple(row.values()),
            )
            return cursor.lastrowid or 0

    def read_afresh(self, table: str) -> None:
        """Reads *table* through a new connection, so that no cached page hides a damaged file.

        Raises:
            sqlite3.DatabaseError: the file is gone, damaged, or no database.
        """
        fresh = sqlite3.connect(f"file:{self.path}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
        try:
            fresh.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - a constant name
        finally:
            fresh.close()

    def close(self) -> None:
        """Writes the log back into the file, so that one file is the whole database."""
        with self._lock:
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.DatabaseError as error:
                print(f"database not written back: {error}", flush=True)
            finally:
                self._connection.close()


def open_store(root: Path, fact: DatabaseFact, columns: Mapping[str, str]) -> Store:
    """The database *fact* below *root*, with all its tables.

    Args:
        root: The state directory.
        fact: Which file, and which tables the catalog promises.
        columns: Table -> its columns as SQL, for the tables that the stand-in uses.
    """
    path = root / fact.path
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path)
    try:
        for table in dict.fromkeys((*columns, *fact.tables)):
            definition = columns.get(table, _PLAIN)
            store.run(f'CREATE TABLE IF NOT EXISTS "{table}" ({definition})')
            # As the real applications do: what they need at the start is read, not all of it.
            store.run(f'SELECT * FROM "{table}" LIMIT 1')  # noqa: S608 - not a client's name
        # A migration's connection ends with a checkpoint: at rest, the file is the database.
        store.run("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:
        store.close()
        raise
    return store
