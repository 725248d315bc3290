"""Emby Server."""

from typing_extensions import override

from testbed.apps.application import new_key
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, redirect


class StandIn(WithDatabase):
    """Public facts; no first-run wizard, no library, nothing is played."""

    health = ("/emby/System/Info/Public",)
    tables = {  # noqa: RUF012 - never changed
        "MediaItems": '"Id" INTEGER PRIMARY KEY, "Name" TEXT, "Path" TEXT, "type" INTEGER',
    }

    @override
    def routes(self) -> None:
        path = self.place.file("data/device.txt")
        if not path.exists():
            path.write_text(new_key())
        self._id = path.read_text()
        self.router.add("GET", "/", lambda _: redirect("web/index.html"))
        self.router.add("GET", "/web/index.html", lambda _: as_html("<title>Emby</title>"))
        self.router.add("GET POST", "(/emby)?/System/Ping", lambda _: as_json("Emby Server"))
        self.router.add("GET", "(/emby)?/System/Info/Public", self._public)
        self.router.add("GET", "(/emby)?/System/Info", lambda _: Response(401))

    def _public(self, _: Request) -> Response:
        told = {
            "LocalAddresses": [],
            "RemoteAddresses": [],
            "ServerName": "emby",
            "Version": self.place.version,
            "Id": self._id,
        }
        return as_json(told)
