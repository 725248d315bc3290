"""Dozzle."""

import json
from typing import Any

from typing_extensions import override

from testbed.apps.application import Application, fatal
from testbed.apps.docker_api import get
from testbed.apps.place import Place
from testbed.apps.web import Request, Response, as_html, as_text


class StandIn(Application):
    """Its page, its health, and the list of containers as its first event; no logs."""

    health = ("/healthcheck",)

    def __init__(self, place: Place) -> None:
        told = place.environment
        remote = told.get("DOZZLE_REMOTE_HOST", "").partition(",")[0].partition("|")[0]
        self._engine = remote or told.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        if not self._reached():
            fatal(f"FTL Could not connect to any Docker Engine (tried {self._engine})")
            raise SystemExit(1)
        super().__init__(place)

    @override
    def routes(self) -> None:
        base = self.place.environment.get("DOZZLE_BASE", "/").rstrip("/")
        self.router.add("GET", f"{base}/healthcheck", self._health)
        self.router.add("GET", f"{base}/?", lambda _: as_html("<title>Dozzle</title>"))
        self.router.add("GET", f"{base}/api/version", self._version)
        self.router.add("GET", f"{base}/api/events/stream", self._containers)

    @override
    def is_health(self, request: Request) -> bool:
        return request.path.endswith(self.health)

    def _reached(self) -> bool:
        try:
            return get(self._engine, "/_ping")[0] == 200  # noqa: PLR2004 - HTTP's own number
        except OSError:
            return False

    def _health(self, _: Request) -> Response:
        return as_text("OK") if self._reached() else as_text("unreachable", 500)

    def _version(self, _: Request) -> Response:
        return as_html(f"<pre>v{self.place.version}</pre>")

    def _containers(self, _: Request) -> Response:
        try:
            status, body = get(self._engine, "/containers/json?all=true")
        except OSError as error:
            return as_text(str(error), 502)
        if status != 200:  # noqa: PLR2004 - HTTP's own number
            return as_text(body.decode(errors="replace"), 502)
        found: list[dict[str, Any]] = json.loads(body)
        listed = [
            {"id": one["Id"][:12], "name": one["Names"][0].lstrip("/"), "state": one["State"]}
            for one in found
        ]
        event = f"event: containers-changed\ndata: {json.dumps(listed)}\n\n"
        return Response(200, event.encode(), "text/event-stream")
