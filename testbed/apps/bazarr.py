"""Bazarr."""

import sqlite3
import sys

from typing_extensions import override

from testbed.apps.application import new_key, same_key
from testbed.apps.place import Place
from testbed.apps.settings_text import add_to_yaml, read_yaml
from testbed.apps.single import WithDatabase
from testbed.apps.web import Handler, Request, Response, as_html, as_json


class StandIn(WithDatabase):
    """Health, status and the key; no subtitles."""

    banner = "waitress"
    health = ("/api/system/ping",)
    corrupt = "(sqlite3.DatabaseError) {error}"
    tables = {  # noqa: RUF012 - never changed
        "system": '"id" INTEGER PRIMARY KEY, "configured" TEXT, "updated" TEXT',
        "table_movies": '"radarrId" INTEGER PRIMARY KEY, "title" TEXT, "path" TEXT',
        "table_shows": '"sonarrSeriesId" INTEGER PRIMARY KEY, "title" TEXT, "path" TEXT',
        "table_episodes": '"sonarrEpisodeId" INTEGER PRIMARY KEY, "title" TEXT, "path" TEXT',
    }

    def __init__(self, place: Place) -> None:
        path = place.file("config/config.yaml")
        add_to_yaml(
            path,
            {
                "auth": {"apikey": new_key(), "type": "null"},
                "general": {"port": str(place.port), "use_radarr": "false", "use_sonarr": "false"},
            },
        )
        self._key = read_yaml(path)["auth"]["apikey"]
        super().__init__(place)

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: as_html("<title>Bazarr</title>"))
        self.router.add("GET", "/api/system/ping", lambda _: as_json({"status": "OK"}))
        self.router.add("GET", "/api/system/status", self._keyed(self._status))
        self.router.add("GET", "/api/system/health", self._keyed(lambda _: as_json({"data": []})))
        self.router.add("GET", "/api/movies", self._keyed(self._movies))

    def _keyed(self, handler: Handler) -> Handler:
        def answer(request: Request) -> Response:
            got = request.header("X-API-KEY") or request.query.get("apikey", "")
            if same_key(got, self._key):
                return handler(request)
            return as_json({"message": "Unauthorized"}, 401)

        return answer

    def _status(self, _: Request) -> Response:
        told = {
            "bazarr_version": self.place.version,
            "database_engine": f"Sqlite {sqlite3.sqlite_version}",
            "bazarr_directory": "/app/bazarr/bin",
            "bazarr_config_directory": str(self.place.state),
            "python_version": sys.version.split()[0],
            "start_time": self.started,
        }
        return as_json({"data": told})

    def _movies(self, _: Request) -> Response:
        rows = self.store.run('SELECT "radarrId", "title", "path" FROM "table_movies"')
        listed = [{"radarrId": n, "title": title, "path": path} for n, title, path in rows]
        return as_json({"data": listed, "total": len(listed)})
