"""Jackett."""

import json

from typing_extensions import override

from testbed.apps.application import Application, new_key, same_key
from testbed.apps.place import Place
from testbed.apps.web import Request, Response, as_html, as_json, redirect


class StandIn(Application):
    """Health, its key, and capabilities of an indexer called `all` that finds nothing."""

    banner = "Kestrel"
    health = ("/health",)

    def __init__(self, place: Place) -> None:
        path = place.file("Jackett/ServerConfig.json")
        stored = json.loads(path.read_text()) if path.exists() else {}
        known = {"Port": 9117, "AllowExternal": True, **stored}
        known["APIKey"] = known.get("APIKey") or new_key()
        known.setdefault("InstanceId", new_key() * 2)
        path.write_text(json.dumps(known, indent=2))
        self._key = str(known["APIKey"])
        super().__init__(place)

    @override
    def routes(self) -> None:
        add = self.router.add
        add("GET", "/", lambda _: redirect("/UI/Dashboard", 301))
        add("GET", "/UI/Dashboard", lambda _: as_html("<title>Jackett</title>"))
        add("GET", "/health", lambda _: as_json({"status": "OK"}))
        add("GET", "/api/v2.0/indexers/{id}/results/torznab(/api)?", self._torznab)

    def _torznab(self, request: Request) -> Response:
        """src/Jackett.Server/Controllers/ResultsController.cs: errors are Torznab's, in XML."""
        if not same_key(request.query.get("apikey", ""), self._key):
            return _xml('<error code="100" description="Invalid API Key" />', 401)
        if request.parts["id"] != "all":
            return _xml('<error code="201" description="Indexer is not supported" />', 404)
        if request.query.get("t") == "caps":
            return _xml('<caps><server title="Jackett" /><searching /></caps>')
        return _xml('<rss version="2.0"><channel><title>AggregateSearch</title></channel></rss>')


def _xml(body: str, status: int = 200) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
    return Response(status, text.encode(), "application/xml; charset=utf-8")
