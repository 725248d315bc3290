"""Seerr, and what its ancestors Overseerr and Jellyseerr have in common with it."""

import json
import time
from typing import Any, ClassVar

from typing_extensions import override

from testbed.apps.application import new_key, same_key
from testbed.apps.place import Place
from testbed.apps.single import WithDatabase
from testbed.apps.web import Handler, Request, Response, as_html, as_json, redirect


_NO_RIGHT = {"status": 403, "error": "You do not have permission to access this endpoint"}


class Seerr(WithDatabase):
    """Status, public settings, the key. The first administrator cannot be made here."""

    title: ClassVar[str]
    """As it writes its own name."""
    health = ("/api/v1/settings/public",)
    corrupt = "SQLITE_CORRUPT: {error}"
    tables = {  # noqa: RUF012 - never changed
        "user": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "email" varchar UNIQUE,'
        ' "username" varchar, "permissions" INTEGER DEFAULT 0',
        "media_request": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "status" INTEGER NOT NULL,'
        ' "type" varchar NOT NULL, "createdAt" datetime',
        "media": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "mediaType" varchar NOT NULL,'
        ' "tmdbId" INTEGER NOT NULL, "status" INTEGER NOT NULL DEFAULT 1',
    }

    def __init__(self, place: Place) -> None:
        self._file = place.file("settings.json")
        self._settings = self._load(place)
        super().__init__(place)

    @override
    def log(self, level: str, message: str) -> None:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        print(f"{moment} [{level.lower()}][Server]: {message}", flush=True)

    @override
    def routes(self) -> None:
        add = self.router.add
        add("GET", "/", lambda _: redirect("/login" if self._initialized else "/setup", 307))
        add("GET", "/(login|setup)", lambda _: as_html(f"<title>{self.title}</title>"))
        add("GET", "/api/v1/status", self._status)
        add("GET", "/api/v1/status/appdata", lambda _: as_json({"appData": True}))
        add("GET", "/api/v1/settings/public", self._public)
        add("GET", "/api/v1/settings/main", self._allowed(lambda _: as_json(self._main)))
        add("GET", "/api/v1/auth/me", self._allowed(self._me))
        add("GET", "/api/v1/request", self._allowed(self._requests))

    @property
    def _main(self) -> dict[str, Any]:
        found: dict[str, Any] = self._settings["main"]
        return found

    @property
    def _initialized(self) -> bool:
        return bool(self._settings["public"]["initialized"])

    def _load(self, place: Place) -> dict[str, Any]:
        """settings.json, made at the first start; API_KEY wins and is saved (lib/settings)."""
        known: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        main = {"applicationTitle": self.title, "localLogin": True, **known.get("main", {})}
        main["apiKey"] = place.environment.get("API_KEY") or main.get("apiKey") or new_key()
        known = {"clientId": new_key(), "public": {"initialized": False}, **known, "main": main}
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(known, indent=1))
        part.replace(self._file)
        return known

    def _allowed(self, handler: Handler) -> Handler:
        """The key acts as user 1: without that user it is worth nothing (middleware/auth.ts)."""

        def answer(request: Request) -> Response:
            good = same_key(request.header("X-API-Key"), self._main["apiKey"])
            if good and self.store.run('SELECT 1 FROM "user" WHERE "id" = 1'):
                return handler(request)
            return as_json(_NO_RIGHT, 403)

        return answer

    def _status(self, _: Request) -> Response:
        told = {"version": self.place.version, "commitTag": "stand-in", "updateAvailable": False}
        return as_json({**told, "commitsBehind": 0, "restartRequired": False})

    def _public(self, _: Request) -> Response:
        told = {"initialized": self._initialized, "applicationTitle": self.title}
        return as_json({**told, "localLogin": self._main["localLogin"]})

    def _me(self, _: Request) -> Response:
        ((number, email),) = self.store.run('SELECT "id", "email" FROM "user" WHERE "id" = 1')
        return as_json({"id": number, "email": email})

    def _requests(self, _: Request) -> Response:
        rows = self.store.run('SELECT "id", "status", "type" FROM "media_request"')
        results = [{"id": number, "status": status, "type": kind} for number, status, kind in rows]
        return as_json({"pageInfo": {"results": len(results)}, "results": results})


class StandIn(Seerr):
    """Status, settings, the key; no first administrator, no library scan, nothing is requested."""

    title = "Seerr"
