"""TAME's own agent, before it is there."""

from pathlib import Path

from typing_extensions import override

from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_json


class StandIn(WithDatabase):
    """Health, and a status behind its key; it looks at nothing and heals nothing."""

    health = ("/health",)
    corrupt = "database disk image is malformed: {error}"
    tables = {"incidents": '"id" INTEGER PRIMARY KEY, "opened" TEXT, "closed" TEXT'}  # noqa: RUF012 - never changed

    @override
    def routes(self) -> None:
        self.router.add("GET", "/health", lambda _: as_json({"status": "ok"}))
        self.router.add("GET", "/status", self._status)

    def _status(self, request: Request) -> Response:
        key = Path("/run/secrets/api-key")
        given = request.headers.get("x-api-key", "")
        if not given or not key.exists() or given != key.read_text().strip():
            return as_json({"error": "unauthorized"}, 401)
        return as_json({"heals": "nothing: this is a stand-in", "incidents": []})
