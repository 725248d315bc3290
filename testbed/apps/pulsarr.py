"""Pulsarr."""

import sqlite3
import time

from typing_extensions import override

from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json


class StandIn(WithDatabase):
    """Health from its database, and its first page; it reads no watchlist."""

    health = ("/health",)
    corrupt = "SQLITE_CORRUPT: {error}"
    tables = {  # noqa: RUF012 - never changed
        "users": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT',
        "watchlist_items": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER,'
        ' "title" TEXT, "key" TEXT',
        "radarr_instances": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT, "base_url" TEXT',
        "sonarr_instances": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT, "base_url" TEXT',
    }

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: as_html("<title>Pulsarr</title>"))
        self.router.add("GET", "/health", self._health)
        self.router.add("GET", "/v1/config/.*", lambda _: as_json({"error": "Unauthorized"}, 401))

    def _health(self, _: Request) -> Response:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        try:
            self.store.read_afresh("users")
        except sqlite3.DatabaseError:
            told = {"status": "unhealthy", "timestamp": moment, "checks": {"database": "failed"}}
            return as_json(told, 503)
        return as_json({"status": "healthy", "timestamp": moment, "checks": {"database": "ok"}})
