"""Recommendarr."""

from typing_extensions import override

from testbed.apps.application import new_key
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json


class StandIn(WithDatabase):
    """Health and the page of its login; no user can be made, nothing is recommended."""

    health = ("/api/health",)
    corrupt = "SQLITE_CORRUPT: {error}"
    tables = {  # noqa: RUF012 - never changed
        "users": '"userId" TEXT PRIMARY KEY, "username" TEXT UNIQUE, "password" TEXT',
        "user_data": '"userId" TEXT PRIMARY KEY, "data" TEXT',
        "credentials": '"service" TEXT PRIMARY KEY, "data" TEXT',
    }

    @override
    def routes(self) -> None:
        key = self.place.file("encryption.key")
        if not key.exists():
            key.write_text(new_key() * 2)
        self.router.add("GET", "/", lambda _: as_html("<title>Recommendarr</title>"))
        self.router.add("GET", "/api/health", self._health)
        self.router.add("GET", "/api/(credentials|settings)", self._refuse)

    def _health(self, _: Request) -> Response:
        mode = self.place.environment.get("NODE_ENV", "development")
        return as_json({"status": "ok", "environment": mode, "config": {"publicUrl": ""}})

    def _refuse(self, _: Request) -> Response:
        return as_json({"error": "Authentication required"}, 401)
