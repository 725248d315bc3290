"""Jellyfin."""

import sqlite3

from typing_extensions import override

from testbed.apps.application import new_key
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, as_text, redirect


class StandIn(WithDatabase):
    """Health from the database, and public facts; the first-run wizard cannot be walked here."""

    banner = "Kestrel"
    health = ("/health",)
    tables = {  # noqa: RUF012 - never changed
        "Users": '"Id" TEXT PRIMARY KEY, "Username" TEXT NOT NULL UNIQUE, "Password" TEXT',
        "BaseItems": '"Id" TEXT PRIMARY KEY, "Name" TEXT, "Path" TEXT, "Type" TEXT NOT NULL',
    }

    @override
    def routes(self) -> None:
        self._id = self._server_id()
        self.router.add("GET", "/", lambda _: redirect("web/"))
        self.router.add("GET", "/web/", lambda _: as_html("<title>Jellyfin</title>"))
        self.router.add("GET", "/health", self._health)
        self.router.add("GET", "/System/Ping", lambda _: as_json("Jellyfin Server"))
        self.router.add("GET", "/System/Info/Public", self._public)
        self.router.add("GET", "/System/Info", lambda _: Response(401))

    def _server_id(self) -> str:
        """Kept beside the database, as the real one does (device.txt)."""
        path = self.place.file("data/data/device.txt")
        if not path.exists():
            path.write_text(new_key())
        return path.read_text()

    def _health(self, _: Request) -> Response:
        """DbContextFactoryHealthCheck.cs: whether the database can be reached."""
        try:
            self.store.read_afresh("Users")
        except sqlite3.DatabaseError:
            return as_text("Unhealthy", 503)
        return as_text("Healthy")

    def _public(self, _: Request) -> Response:
        published = self.place.environment.get("JELLYFIN_PublishedServerUrl", "")
        done = bool(self.store.run('SELECT 1 FROM "Users" LIMIT 1'))
        told = {
            # GetSmartApiUrl of Emby.Server.Implementations/ApplicationHost.cs
            "LocalAddress": published.strip("/") or f"http://127.0.0.1:{self.port}",
            "ServerName": "jellyfin",
            "Version": self.place.version,
            "ProductName": "Jellyfin Server",
            "OperatingSystem": "",
            "Id": self._id,
            "StartupWizardCompleted": done,
        }
        return as_json(told)
