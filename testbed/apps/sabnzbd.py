"""SABnzbd."""

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from typing_extensions import override

from testbed.apps.application import new_key, same_key
from testbed.apps.place import Place
from testbed.apps.settings_text import add_to_ini, read_ini
from testbed.apps.single import WithDatabase
from testbed.apps.web import Request, Response, as_html, as_json, as_text


if TYPE_CHECKING:
    from collections.abc import Callable


_OPEN_MODES = ("version", "auth")
"""They need no key (sabnzbd/api.py, _api_table)."""


class StandIn(WithDatabase):
    """The API's modes that tell state, its key check and its hostname check; no downloads."""

    health = ("/api",)
    tables = {  # noqa: RUF012 - never changed
        "history": '"id" INTEGER PRIMARY KEY, "completed" INTEGER NOT NULL, "name" TEXT NOT NULL,'
        ' "nzo_id" TEXT, "status" TEXT, "storage" TEXT',
    }

    def __init__(self, place: Place) -> None:
        path = place.file("sabnzbd.ini")
        add_to_ini(
            path,
            {
                "misc": {
                    "host": "0.0.0.0",  # noqa: S104 - as the image's own default file says
                    "port": str(place.port),
                    "api_key": new_key(),
                    "nzb_key": new_key(),
                    # sabnzbd/cfg.py: an empty list becomes the container's own name
                    "host_whitelist": f"{socket.gethostname()},",
                    "download_dir": "Downloads/incomplete",
                    "complete_dir": "Downloads/complete",
                }
            },
        )
        self._misc = read_ini(path)["misc"]
        super().__init__(place)

    @override
    def is_health(self, request: Request) -> bool:
        return super().is_health(request) and request.query.get("mode") == "version"

    @override
    def routes(self) -> None:
        for base in ("", "/sabnzbd"):
            self.router.add("GET POST", f"{base}/api", self._checked_api)
            self.router.add("GET", f"{base}/", self._page)

    def _page(self, request: Request) -> Response:
        return self._foreign(request) or as_html("<title>SABnzbd</title>")

    def _foreign(self, request: Request) -> Response | None:
        """The hostname check of sabnzbd/interface.py; None lets the request pass."""
        name = _host(request.header("Host"))
        listed = [entry.strip().lower() for entry in self._misc["host_whitelist"].split(",")]
        known = name in ("localhost", *filter(None, listed)) or name.endswith(".local")
        if (
            known
            or _is_address(name)
            or (self._misc.get("username") and self._misc.get("password"))
        ):
            return None
        self.log("Warning", f'Refused connection with hostname "{name}" from: {request.peer}')
        why = "Access denied - Hostname verification failed: https://sabnzbd.org/hostname-check"
        return as_text(why, 403)

    def _checked_api(self, request: Request) -> Response:
        asked = {**dict(parse_qsl(request.body.decode(errors="replace"))), **request.query}
        refused = self._foreign(request)
        if refused:
            return refused
        mode = asked.get("mode", "")
        if mode not in _OPEN_MODES:
            if not asked.get("apikey"):
                return as_text("API Key Required", 403)
            if not same_key(asked["apikey"], self._misc["api_key"]):
                return as_text("API Key Incorrect", 403)
        return self._api(mode)

    def _api(self, mode: str) -> Response:
        answers: dict[str, Callable[[], dict[str, object]]] = {
            "version": lambda: {"version": self.place.version},
            "auth": lambda: {"auth": "apikey"},
            "queue": lambda: {"queue": {"status": "Idle", "paused": False, "slots": []}},
            "fullstatus": lambda: {"status": {"version": self.place.version, "paused": False}},
            "warnings": lambda: {"warnings": []},
            "history": self._history,
        }
        if mode not in answers:
            return as_json({"status": False, "error": "not implemented"})
        return as_json(answers[mode]())

    def _history(self) -> dict[str, object]:
        rows = self.store.run('SELECT "nzo_id", "name", "status" FROM "history"')
        slots = [{"nzo_id": n, "name": name, "status": status} for n, name, status in rows]
        return {"history": {"slots": slots, "noofslots": len(slots)}}


def _host(header: str) -> str:
    name = header.lower().rstrip(".")
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
