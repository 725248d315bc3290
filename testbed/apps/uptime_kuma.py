"""Uptime Kuma."""

from typing_extensions import override

from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, redirect


class StandIn(WithDatabase):
    """Pages and push monitors; no socket.io, so no monitor can be added through it."""

    health = ("/", "/dashboard", "/setup-database", "/setup")
    corrupt = "SQLITE_CORRUPT: {error}"
    tables = {  # noqa: RUF012 - never changed
        "user": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "username" VARCHAR(255) UNIQUE,'
        ' "password" VARCHAR(255)',
        "monitor": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" VARCHAR(150),'
        ' "type" VARCHAR(20), "push_token" VARCHAR(32)',
        "heartbeat": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "monitor_id" INTEGER,'
        ' "status" SMALLINT, "msg" TEXT, "time" DATETIME',
        "setting": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "key" VARCHAR(200) UNIQUE,'
        ' "value" TEXT',
    }

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: redirect("/dashboard"))
        self.router.add(
            "GET", "/(dashboard|setup)", lambda _: as_html("<title>Uptime Kuma</title>")
        )
        self.router.add("GET", "/api/entry-page", self._entry)
        self.router.add("GET", "/metrics", lambda _: Response(401))
        self.router.add("GET POST", "/api/push/{token}", self._push)

    def _entry(self, _: Request) -> Response:
        return as_json({"type": "entryPage", "entryPage": "dashboard"})

    def _push(self, request: Request) -> Response:
        """server/routers/api-router.js: 404 for a token that no active monitor has."""
        rows = self.store.run(
            'SELECT "id" FROM "monitor" WHERE "push_token" = ?', (request.parts["token"],)
        )
        if not rows:
            return as_json({"ok": False, "msg": "Monitor not found or not active."}, 404)
        up = request.query.get("status", "up") == "up"
        self.store.run(
            'INSERT INTO "heartbeat" ("monitor_id", "status", "msg", "time")'
            " VALUES (?, ?, ?, datetime())",
            (rows[0][0], int(up), request.query.get("msg", "OK")),
        )
        return as_json({"ok": True})
