"""Tdarr's server."""

import threading

from typing_extensions import override

from testbed.apps.application import same_key
from testbed.apps.place import Place
from testbed.apps.single import WithDatabase
from testbed.apps.web import Handler, Request, Response, Server, as_html, as_json


_COLLECTIONS = ("librarysettingsjsondb", "flowsjsondb", "filejsondb", "statisticsjsondb")
_COLUMNS = '"id" TEXT PRIMARY KEY, "timestamp" INTEGER, "json_data" TEXT'


class StandIn(WithDatabase):
    """Page, status, and lists that stay empty, on both ports; nothing is scanned or encoded."""

    health = ("/",)
    tables = dict.fromkeys(_COLLECTIONS, _COLUMNS)

    def __init__(self, place: Place) -> None:
        told = place.environment
        self._key = told.get("seededApiKey", "") if told.get("auth") == "true" else None
        self._nodes_port = int(told.get("serverPort") or 8266)
        super().__init__(place)

    @override
    def routes(self) -> None:
        add = self.router.add
        add("GET", "/", lambda _: as_html("<title>Tdarr</title>"))
        add("GET", "/api/v2/status", self._status)
        add("GET", "/api/v2/get-nodes", self._keyed(lambda _: as_json({})))
        add("POST", "/api/v2/cruddb", self._keyed(self._rows))

    @override
    def listening(self, port: int) -> None:
        """Nodes have a port of their own; a test that lets the system choose has only the first."""
        super().listening(port)
        if self.place.port:
            second = Server(self._nodes_port, self.handle)
            threading.Thread(target=second.serve_forever, args=(0.1,), daemon=True).start()

    def _keyed(self, handler: Handler) -> Handler:
        def answer(request: Request) -> Response:
            if self._key is None or same_key(request.header("x-api-key"), self._key):
                return handler(request)
            return as_json({"message": "Unauthorized"}, 401)

        return answer

    def _status(self, _: Request) -> Response:
        told = {"status": "good", "isProduction": True, "os": "linux"}
        return as_json({**told, "version": self.place.version, "uptime": 1})

    def _rows(self, request: Request) -> Response:
        table = str(request.json().get("data", {}).get("collection", "")).lower()
        if table not in self.tables:
            return as_json({"error": f"no collection `{table}`"}, 400)
        rows = self.store.run(f'SELECT "json_data" FROM "{table}"')  # noqa: S608 - one of `tables`
        return as_json([text for (text,) in rows])
