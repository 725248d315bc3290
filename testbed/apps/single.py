"""An application with one database, opened at the start and closed at the end."""

import sqlite3
from typing import ClassVar

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.place import Place
from testbed.apps.store import Store, open_store


class WithDatabase(Application):
    """Opens what the catalog names; a damaged file is logged in the driver's words and ends it."""

    tables: ClassVar[dict[str, str]] = {}
    """The tables that it uses here: name -> columns as SQL."""
    corrupt: ClassVar[str] = "{error}"
    """How its driver words a damaged file; `{error}` is SQLite's own text."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.stores: list[Store] = []
        for number, fact in enumerate(place.databases):
            try:
                self.stores.append(open_store(place.state, fact, {} if number else self.tables))
            except sqlite3.DatabaseError as error:
                self.log("Error", self.corrupt.format(error=error))
                self.close()
                raise SystemExit(1) from error
        super().__init__(place)

    @property
    def store(self) -> Store:
        """The first database."""
        return self.stores[0]

    @override
    def migrate(self) -> None:
        for store in self.stores:
            store.run('CREATE TABLE IF NOT EXISTS "next_release" ("id" INTEGER PRIMARY KEY)')
        self.close()

    @override
    def close(self) -> None:
        for store in self.stores:
            store.close()
