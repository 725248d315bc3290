"""Tautulli."""

from typing_extensions import override

from testbed.apps.application import new_key, same_key
from testbed.apps.place import Place
from testbed.apps.settings_text import add_to_ini, read_ini
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, redirect


class StandIn(WithDatabase):
    """Status and the API's commands that tell state; it follows no Plex."""

    banner = "CherryPy/18.10.0"
    health = ("/status",)
    tables = {  # noqa: RUF012 - never changed
        "session_history": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "started" INTEGER,'
        ' "stopped" INTEGER, "rating_key" INTEGER, "user" TEXT',
        "users": '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER UNIQUE,'
        ' "username" TEXT NOT NULL',
    }

    def __init__(self, place: Place) -> None:
        path = place.file("config.ini")
        add_to_ini(
            path, {"General": {"api_key": new_key(), "api_enabled": "1", "first_run_complete": "0"}}
        )
        # plexpy/config.py: TAUTULLI_<KEY> wins over the file and is not saved
        stored = read_ini(path)["General"]["api_key"]
        self._key = place.environment.get("TAUTULLI_API_KEY") or stored
        super().__init__(place)

    @override
    def routes(self) -> None:
        self.router.add("GET", "/", lambda _: redirect("/welcome", 303))
        self.router.add("GET", "/welcome", lambda _: as_html("<title>Tautulli</title>"))
        self.router.add("GET", "/status", lambda _: self._result("success", "Ok"))
        self.router.add("GET POST", "/api/v2", self._api)

    def _result(
        self, result: str, message: str | None, data: object = None, status: int = 200
    ) -> Response:
        body = {"result": result, "message": message, "data": data if data is not None else {}}
        return as_json({"response": body}, status)

    def _api(self, request: Request) -> Response:
        if not same_key(request.query.get("apikey", ""), self._key):
            return self._result("error", "Invalid apikey", status=401)
        match request.query.get("cmd"):
            case "server_status":
                return self._result("success", None, {"connected": False})
            case "status" if request.query.get("check") == "database":
                ((found,),) = self.store.run("PRAGMA integrity_check(1)")
                good = found == "ok"
                word = "Database ok" if good else "Database not ok"
                data = {"integrity_check": found}
                return self._result("success" if good else "error", word, data)
            case "get_tautulli_info":
                return self._result("success", None, {"tautulli_version": f"v{self.place.version}"})
            case "get_history":
                rows = self.store.run('SELECT COUNT(*) FROM "session_history"')
                return self._result("success", None, {"recordsTotal": rows[0][0], "data": []})
            case other:
                return self._result("error", f"Unknown command: {other}", status=400)
