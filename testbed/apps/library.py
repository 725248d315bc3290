"""The half of Servarr that keeps a library: root folders, quality profiles, titles."""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from testbed.apps.servarr import Servarr
from testbed.apps.web import Request, Response, as_json


_PROFILES = ("Any", "SD", "HD-720p", "HD-1080p", "Ultra-HD", "HD - 720p/1080p")


class Library(Servarr):
    """Radarr or Sonarr."""

    noun: ClassVar[str]
    """The API's name of a title: `movie`, `series`."""
    table: ClassVar[str]
    """Where titles are kept."""
    foreign: ClassVar[str]
    """The id of a title in the world: `tmdbId`, `tvdbId`."""

    @override
    def routes(self) -> None:
        super().routes()
        self._fill()
        api = self.config.url_base + self.api
        for methods, path, handler in (
            ("GET", "rootfolder", self._roots),
            ("POST", "rootfolder", self._add_root),
            ("DELETE", "rootfolder/{id}", self._remove_root),
            ("GET", "qualityprofile", self._profiles),
            ("GET", self.noun, self._titles),
            ("POST", self.noun, self._add_title),
        ):
            self.router.add(methods, f"{api}/{path}", self.keyed(handler))

    @override
    def warnings(self) -> list[dict[str, str]]:
        found = super().warnings()
        missing = [path for _, path in self._root_rows() if not Path(path).is_dir()]
        if missing:
            message = f"Missing root folder: {', '.join(missing)}"
            found.append(self.warning("RootFolderCheck", message, "error"))
        return found

    def _fill(self) -> None:
        if not self.main.run('SELECT "Id" FROM "QualityProfiles" LIMIT 1'):
            for name in _PROFILES:
                self.main.insert("QualityProfiles", {"Name": name})

    def _root_rows(self) -> list[tuple[int, str]]:
        rows = self.main.run('SELECT "Id", "Path" FROM "RootFolders" ORDER BY "Id"')
        return [(int(str(number)), str(path)) for number, path in rows]

    def _roots(self, _: Request) -> Response:
        return as_json([_root(number, path) for number, path in self._root_rows()])

    def _add_root(self, request: Request) -> Response:
        """RootFolderController.cs: the path must exist, be writable, and hold no other root."""
        path = str(request.json().get("path", "")).rstrip("/")
        why = self._refused(path)
        if why:
            fault = {"propertyName": "Path", "errorMessage": why, "attemptedValue": path}
            return as_json([{**fault, "severity": "error"}], 400)
        number = self.main.insert("RootFolders", {"Path": path})
        return as_json(_root(number, path), 201)

    def _refused(self, path: str) -> str:
        """Why *path* cannot be a root folder; empty: it can."""
        others = [other for _, other in self._root_rows()]
        faults = (
            (not path.startswith("/"), "Invalid Path"),
            (not Path(path).is_dir(), f"Path '{path}' does not exist"),
            (
                not os.access(path, os.W_OK),
                f"Folder '{path}' is not writable by user '{os.geteuid()}'",
            ),
            (
                Path(path) == self.place.state,
                "Path cannot be the Application's startup folder",
            ),
            (path in others, "Path is already configured as a root folder"),
            (
                any(_one_holds_other(path, other) for other in others),
                "Path is an ancestor or a child of an existing root folder",
            ),
        )
        return next((why for wrong, why in faults if wrong), "")

    def _remove_root(self, request: Request) -> Response:
        self.main.run('DELETE FROM "RootFolders" WHERE "Id" = ?', (request.parts["id"],))
        return as_json({})

    def _profiles(self, _: Request) -> Response:
        rows = self.main.run('SELECT "Id", "Name" FROM "QualityProfiles" ORDER BY "Id"')
        return as_json([{"id": number, "name": name} for number, name in rows])

    def _titles(self, _: Request) -> Response:
        statement = f'SELECT "Id", "Title", "Path", "ForeignId" FROM "{self.table}"'  # noqa: S608 - a constant name
        rows = self.main.run(statement)
        return as_json(
            [
                {"id": number, "title": title, "path": path, self.foreign: foreign}
                for number, title, path, foreign in rows
            ]
        )

    def _add_title(self, request: Request) -> Response:
        wanted = request.json()
        row = {
            "Title": wanted.get("title"),
            "Path": wanted.get("path") or f"{wanted.get('rootFolderPath')}/{wanted.get('title')}",
            "ForeignId": wanted.get(self.foreign),
        }
        if not row["ForeignId"] or not row["Title"]:
            return as_json([{"propertyName": self.foreign, "errorMessage": "must be set"}], 400)
        try:
            number = self.main.insert(self.table, row)
        except sqlite3.IntegrityError as error:
            return as_json({"message": str(error)}, 409)
        return as_json({"id": number, "title": row["Title"], "path": row["Path"]}, 201)


def _one_holds_other(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _root(number: int, path: str) -> dict[str, object]:
    there = Path(path).is_dir()
    free = shutil.disk_usage(path).free if there else 0
    return {"id": number, "path": path, "accessible": there, "freeSpace": free}


LIBRARY_TABLES = {
    "RootFolders": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Path" TEXT UNIQUE',
    "QualityProfiles": '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Name" TEXT UNIQUE',
}
"""Tables that Radarr and Sonarr share."""
TITLE = (
    '"Id" INTEGER PRIMARY KEY AUTOINCREMENT, "Title" TEXT, "Path" TEXT, "ForeignId" INTEGER UNIQUE'
)
"""Columns of a title; the real tables have many more."""
