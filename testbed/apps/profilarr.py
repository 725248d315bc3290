"""Profilarr."""

import sqlite3
import time

from typing_extensions import override

from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, redirect


class StandIn(WithDatabase):
    """Health from its database, and its login page; no shared database is fetched."""

    health = ("/api/v1/health",)
    tables = {  # noqa: RUF012 - never changed
        "arr_instances": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL UNIQUE,'
        ' "type" TEXT NOT NULL, "url" TEXT NOT NULL, "api_key" TEXT NOT NULL',
        "database_instances": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT,'
        ' "enabled" INTEGER',
    }

    @override
    def routes(self) -> None:
        for folder in ("logs", "backups", "databases"):
            (self.place.state / folder).mkdir(exist_ok=True)
        self.router.add("GET", "/", lambda _: redirect("/auth/setup", 303))
        self.router.add("GET", "/auth/setup", lambda _: as_html("<title>Profilarr</title>"))
        self.router.add("GET", "/api/v1/health", self._health)
        self.router.add("GET", "/api/v1/(status|arr|databases)", lambda _: Response(401))

    def _health(self, _: Request) -> Response:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        try:
            self.store.read_afresh("arr_instances")
        except sqlite3.DatabaseError:
            return as_json({"status": "unhealthy", "timestamp": moment}, 503)
        return as_json({"status": "healthy", "timestamp": moment})
