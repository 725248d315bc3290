"""Backrest."""

import json
import os
from typing import Any

from testbed.apps.place import Place
from testbed.apps.plain import Plain
from testbed.apps.single import WithDatabase


class StandIn(WithDatabase, Plain):
    """Its page, its database and its settings, which it rewrites; it takes no snapshot.

    Arguments are a command that is run in its place, as cmd/docker-entrypoint/main.go does.
    """

    health = ("/",)
    pages = {"/": "<title>Backrest</title>"}  # noqa: RUF012 - never changed

    def __init__(self, place: Place) -> None:
        if place.arguments:
            os.execvpe(place.arguments[0], list(place.arguments), dict(place.environment))  # noqa: S606 - no shell is meant
        super().__init__(place)
        self._settings()

    def _settings(self) -> None:
        """Completed and written back, readable by few (internal/config at v1.14.1)."""
        path = self.place.file("config.json")
        told: dict[str, Any] = {"version": 6}
        if path.exists():
            told = json.loads(path.read_text())
        told.setdefault("sync", {"identity": {"keyid": "stand-in"}})
        plans = ", ".join(plan["id"] for plan in told.get("plans", ()))
        self.log("Info", f"plans: {plans or 'none'}")
        part = path.with_suffix(".part")
        part.write_text(json.dumps(told, indent=2))
        part.chmod(0o600)
        part.replace(path)
