"""Plex Media Server."""

import xml.etree.ElementTree as ET

from typing_extensions import override

from testbed.apps.application import new_key, same_key
from testbed.apps.place import Place
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json


_HOME = "Library/Application Support/Plex Media Server"
_REFUSED = (
    "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>"
)


class StandIn(WithDatabase):
    """Identity, the token check and the list of libraries; it plays nothing.

    The good token is `PlexOnlineToken` of Preferences.xml, where claiming writes it; a server
    without one refuses every token.
    """

    health = ("/identity",)
    tables = {  # noqa: RUF012 - never changed
        "library_sections": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" varchar(255),'
        ' "section_type" INTEGER, "agent" varchar(255)',
        "metadata_items": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "library_section_id" INTEGER,'
        ' "title" varchar(255), "guid" varchar(255)',
        "media_items": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "metadata_item_id" INTEGER',
        "media_parts": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "media_item_id" INTEGER,'
        ' "file" varchar(255)',
    }

    def __init__(self, place: Place) -> None:
        self._preferences = place.file(f"{_HOME}/Preferences.xml")
        self._complete()
        self._machine = self._read("MachineIdentifier")
        super().__init__(place)

    def _complete(self) -> None:
        """What a first file lacks is added, wherever it came from; the rest of it stays."""
        root = ET.Element("Preferences")
        if self._preferences.exists():
            root = ET.parse(self._preferences).getroot()  # noqa: S314 - the stack's own file
        if not root.get("MachineIdentifier"):
            root.set("MachineIdentifier", new_key())
            root.set("AcceptedEULA", "1")
            self._preferences.write_text(ET.tostring(root, encoding="unicode"))

    @override
    def routes(self) -> None:
        self.router.add("GET", "/identity", self._identity)
        self.router.add("GET", "/", self._front)
        self.router.add("GET", "/web/index.html", lambda _: as_html("<title>Plex</title>"))
        self.router.add("GET", "/library/sections", self._sections)

    def _read(self, name: str) -> str:
        """Read each time: a renewed token counts at once."""
        return ET.parse(self._preferences).getroot().get(name, "")  # noqa: S314 - the stack's own file

    def _container(self, request: Request, told: dict[str, str]) -> Response:
        if "json" in request.header("Accept"):
            return as_json({"MediaContainer": told})
        text = ET.tostring(ET.Element("MediaContainer", told), encoding="unicode")
        return Response(200, f'<?xml version="1.0"?>\n{text}\n'.encode(), "text/xml;charset=utf-8")

    def _identity(self, request: Request) -> Response:
        claimed = "1" if self._read("PlexOnlineToken") else "0"
        told = {"size": "0", "apiVersion": "1.1.1", "claimed": claimed}
        told |= {"machineIdentifier": self._machine, "version": self.place.version}
        return self._container(request, told)

    def _trusted(self, request: Request) -> bool:
        got = request.header("X-Plex-Token") or request.query.get("X-Plex-Token", "")
        return same_key(got, self._read("PlexOnlineToken"))

    def _front(self, request: Request) -> Response:
        if not self._trusted(request):
            return as_html(_REFUSED, 401)
        return self._container(request, {"size": "0", "version": self.place.version})

    def _sections(self, request: Request) -> Response:
        if not self._trusted(request):
            return as_html(_REFUSED, 401)
        rows = self.store.run('SELECT "id" FROM "library_sections"')
        return self._container(request, {"size": str(len(rows)), "title1": "Plex Library"})
