"""Threadfin."""

import json

from typing_extensions import override

from testbed.apps.application import Application, new_key
from testbed.apps.web import Request, Response, as_html, as_json, redirect


class StandIn(Application):
    """A tuner without channels: discovery, lineup, an empty list and an empty guide."""

    health = ("/lineup_status.json",)

    @override
    def routes(self) -> None:
        settings = self.place.file("settings.json")
        if not settings.exists():
            told = {"api": False, "port": str(self.place.port), "uuid": new_key()}
            settings.write_text(json.dumps(told, indent=2))
        self._id = json.loads(settings.read_text())["uuid"][:8].upper()
        self._fill()
        add = self.router.add
        add("GET", "/", lambda _: redirect("/web"))
        add("GET", "/web/?", lambda _: as_html("<title>Threadfin</title>"))
        add("GET", "/discover.json", self._discover)
        add("GET", "/lineup.json", lambda _: as_json([]))
        add("GET", "/lineup_status.json", self._status)
        add("GET", "/(m3u|xmltv)/(?P<name>threadfin.(m3u|xml))", self._file)
        # src/webserver.go (API): off until a person allows it
        add("GET POST", "/api/", lambda _: Response(423))

    def _fill(self) -> None:
        """data/threadfin.m3u and data/threadfin.xml: what other services may read as files."""
        for name, text in (
            ("threadfin.m3u", "#EXTM3U\n"),
            ("threadfin.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<tv></tv>\n'),
        ):
            path = self.place.file(f"data/{name}")
            if not path.exists():
                path.write_text(text)

    def _discover(self, request: Request) -> Response:
        base = f"http://{request.header('Host')}"
        told = {"FriendlyName": "Threadfin", "Manufacturer": "Silicondust", "TunerCount": 1}
        return as_json(
            {**told, "DeviceID": self._id, "BaseURL": base, "LineupURL": f"{base}/lineup.json"}
        )

    def _status(self, _: Request) -> Response:
        told = {"ScanInProgress": 0, "ScanPossible": 0, "Source": "Cable"}
        return as_json({**told, "SourceList": ["Cable"]})

    def _file(self, request: Request) -> Response:
        path = self.place.file(f"data/{request.parts['name']}")
        return Response(200, path.read_bytes(), "application/xml")
