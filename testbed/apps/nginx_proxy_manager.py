"""Nginx Proxy Manager."""

from typing_extensions import override

from testbed.apps.plain import WithMorePorts
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_json


class StandIn(WithDatabase, WithMorePorts):
    """Its status and its database; it passes nothing on and keeps no hosts."""

    banner = "openresty"
    health = ("/api/",)
    more = (81,)
    pages = {"/": "<title>Default Site</title>"}  # noqa: RUF012 - never changed
    corrupt = "SQLITE_CORRUPT: {error}"

    @override
    def routes(self) -> None:
        super().routes()
        self.router.add("GET", "/api/?", self._status)

    def _status(self, _: Request) -> Response:
        ((users,),) = self.store.run('SELECT COUNT(*) FROM "user"')
        numbers = map(int, self.place.version.split("."))
        version = dict(zip(("major", "minor", "revision"), numbers, strict=False))
        return as_json({"status": "OK", "setup": bool(users), "version": version})
