"""Prowlarr."""

from functools import partial

from typing_extensions import override

from testbed.apps.servarr import Servarr
from testbed.apps.web import Request, Response, as_json


class StandIn(Servarr):
    """System, health, and lists of indexers and applications; none can be added, nothing syncs."""

    title = "Prowlarr"
    api = "/api/v1"
    migration = 42
    tables = {  # noqa: RUF012 - never changed
        "Indexers": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Name" TEXT UNIQUE, "Settings" TEXT',
        "Applications": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Name" TEXT UNIQUE,'
        ' "Settings" TEXT',
        "AppSyncProfiles": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Name" TEXT UNIQUE',
    }

    @override
    def routes(self) -> None:
        super().routes()
        self.main.run(
            'INSERT OR IGNORE INTO "AppSyncProfiles" ("Id", "Name") VALUES (1, ?)', ("Standard",)
        )
        for noun, table in (
            ("indexer", "Indexers"),
            ("applications", "Applications"),
            ("appprofile", "AppSyncProfiles"),
        ):
            path = f"{self.config.url_base}{self.api}/{noun}"
            self.router.add("GET", path, self.keyed(partial(self._list, table)))

    def _list(self, table: str, _: Request) -> Response:
        rows = self.main.run(f'SELECT "Id", "Name" FROM "{table}"')  # noqa: S608 - a constant name
        return as_json([{"id": number, "name": name} for number, name in rows])
