"""File Browser."""

from pathlib import Path

from typing_extensions import override

from testbed.apps.application import new_key
from testbed.apps.plain import Plain
from testbed.apps.web import Request, Response


class StandIn(Plain):
    """Health and the page of its login; it knows no user and shows no file."""

    health = ("/health",)
    pages = {  # noqa: RUF012 - never changed
        "/": "<title>File Browser</title>",
        "/login": "<title>File Browser</title>",
        "/health": {"status": "OK"},
    }

    @property
    @override
    def port(self) -> int:
        return int(self.place.environment.get("FB_PORT") or 80) if self.place.port else 0

    @override
    def routes(self) -> None:
        super().routes()
        self.router.add("GET", "/api/(resources|users|settings).*", lambda _: Response(401))
        self.router.add("POST", "/api/login", self._refuse)
        place = Path(self.place.environment.get("FB_DATABASE") or "/database/filebrowser.db")
        database = self.place.file(place.name)
        if not database.exists():
            database.write_bytes(b"stand-in of a BoltDB file\n")
            self.log("", f"User 'admin' initialized with randomly generated password: {new_key()}")

    def _refuse(self, _: Request) -> Response:
        return Response(403)
