"""Notifiarr's client."""

from typing_extensions import override

from testbed.apps.application import Application, same_key
from testbed.apps.web import Handler, Request, Response, as_html, as_json


class StandIn(Application):
    """Its front page and who it is; it tells nobody anything."""

    health = ("/",)

    @override
    def routes(self) -> None:
        self._key = self.place.environment.get("DN_API_KEY", "")
        self.router.add("GET", "/", lambda _: as_html("<title>Notifiarr</title>"))
        self.router.add("GET", "/api/version", self._keyed(self._version))
        self.router.add("GET", "/api/info", self._keyed(self._version))

    def _keyed(self, handler: Handler) -> Handler:
        """The account's key opens the API (pkg/apps)."""

        def answer(request: Request) -> Response:
            if same_key(request.header("X-API-Key"), self._key):
                return handler(request)
            return Response(401)

        return answer

    def _version(self, _: Request) -> Response:
        client = {"version": self.place.version, "os": "linux", "docker": True}
        return as_json({"status": "200", "message": {"client": client}})
