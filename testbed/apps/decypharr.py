"""Decypharr."""

import json

from typing_extensions import override

from testbed.apps.application import new_key
from testbed.apps.plain import Plain


class StandIn(Plain):
    """Version and the page of its set-up; no debrid service, nothing is fetched or mounted."""

    health = ("/version",)
    pages = {  # noqa: RUF012 - never changed
        "/": "<title>Decypharr</title>",
        "/setup": "<title>Decypharr</title>",
        "/version": {"version": "{version}", "channel": "stable"},
        "/api/v2/app/version": "v4.3.2",
    }

    @override
    def routes(self) -> None:
        config = self.place.file("config.json")
        if not config.exists():
            config.write_text(json.dumps({"port": str(self.place.port)}))
            self.place.file("auth.json").write_text(json.dumps({"api_token": new_key()}))
        for folder in ("cache", "logs"):
            (self.place.state / folder).mkdir(exist_ok=True)
        super().routes()
