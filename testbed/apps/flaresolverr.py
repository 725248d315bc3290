"""FlareSolverr."""

import time

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.web import Request, Response, as_json


_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0"


class StandIn(Application):
    """Ready, and without a browser: every challenge is answered with an error that says so."""

    health = ("/health",)

    @override
    def routes(self) -> None:
        ready = {"msg": "FlareSolverr is ready!", "version": self.place.version}
        self.router.add("GET", "/", lambda _: as_json({**ready, "userAgent": _AGENT}))
        self.router.add("GET", "/health", lambda _: as_json({"status": "ok"}))
        self.router.add("POST", "/v1", self._solve)

    def _solve(self, request: Request) -> Response:
        now = int(time.time() * 1000)
        told = {"version": self.place.version, "startTimestamp": now, "endTimestamp": now}
        if request.json().get("cmd") == "sessions.list":
            return as_json({"status": "ok", "message": "", "sessions": [], **told})
        why = "Error: this is a stand-in without a browser"
        return as_json({"status": "error", "message": why, **told}, 500)
