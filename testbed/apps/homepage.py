"""Homepage."""

import html
import re
from pathlib import Path

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.web import Request, Response, as_html, as_json, as_text


_SETTINGS = Path("/app/config/services.yaml")
_PLACE = re.compile(r"\{\{(HOMEPAGE_(?:FILE|VAR)_[^}]+)\}\}")


class StandIn(Application):
    """Serves its health and one page with its services' text; it asks no service anything."""

    health = ("/api/healthcheck",)
    settings = _SETTINGS

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", self._page)
        self.router.add("GET", "/api/healthcheck", lambda _: as_text("up"))
        self.router.add("GET", "/api/validate", lambda _: as_json(self._missing()))

    @override
    def handle(self, request: Request) -> Response:
        if request.path.startswith("/api/") and not self._is_allowed(request.header("host")):
            wrong = "Host validation failed. See logs for more details."
            return as_json({"error": wrong}, 400)
        return super().handle(request)

    def _is_allowed(self, host: str) -> bool:
        """src/middleware.js; a test's port is whatever the system chose."""
        allowed = self.place.environment.get("HOMEPAGE_ALLOWED_HOSTS", "")
        name, _, port = host.rpartition(":")
        local = name in {"localhost", "127.0.0.1", "[::1]"}
        is_ours = port == str(self.place.port) or not self.place.port
        return allowed == "*" or (local and is_ours) or host in allowed.split(",")

    def _missing(self) -> list[str]:
        """Placeholders of the settings that nothing fills."""
        found = _PLACE.findall(self._text())
        return sorted({name for name in found if self._filled(name) is None})

    def _filled(self, name: str) -> str | None:
        value = self.place.environment.get(name)
        if value is None or name.startswith("HOMEPAGE_VAR_"):
            return value
        path = Path(value)
        return path.read_text("utf-8") if path.is_file() else None

    def _text(self) -> str:
        return self.settings.read_text("utf-8") if self.settings.is_file() else ""

    def _page(self, _: Request) -> Response:
        # Placeholders stay: secrets do not belong on the page.
        return as_html(f"<title>Homepage</title><pre>{html.escape(self._text())}</pre>")
