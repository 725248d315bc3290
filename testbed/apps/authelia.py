"""Authelia."""

import re
from pathlib import Path
from urllib.parse import quote

from typing_extensions import override

from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, as_text, redirect


_PORTAL = re.compile(r"authelia_url: *['\"]?([^'\"\s]+)")


class StandIn(WithDatabase):
    """Health, the portal's page, and a forward-auth that lets nobody in: it knows no people."""

    health = ("/api/health",)
    settings = Path("/etc/authelia/configuration.yml")

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: as_html("<title>Login - Authelia</title>"))
        self.router.add("GET", "/api/health", lambda _: as_json({"status": "OK"}))
        self.router.add("GET POST", "/api/authz/forward-auth", self._judge)

    def _judge(self, request: Request) -> Response:
        """authelia.com/reference/guides/proxy-authorization: a browser is sent to the portal."""
        told = self.settings.read_text("utf-8") if self.settings.is_file() else ""
        portal = (_PORTAL.findall(told) or [""])[0]
        if not portal or "text/html" not in request.header("accept"):
            return as_text("401 Unauthorized", 401)
        wanted = (
            f"{request.header('x-forwarded-proto')}://{request.header('x-forwarded-host')}"
            f"{request.header('x-forwarded-uri')}"
        )
        return redirect(f"{portal}/?rd={quote(wanted, safe='')}")
