"""Transmission's daemon."""

import base64
import json
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from testbed.apps.application import Application, new_key, same_key
from testbed.apps.place import Place
from testbed.apps.web import Request, Response, as_html, as_json, redirect


_SESSION = "X-Transmission-Session-Id"
_Told = dict[str, Any]
_Method = Callable[[_Told], _Told]


class StandIn(Application):
    """Login, session and settings of its RPC, and a list of torrents that stays empty.

    Follows transmission/transmission, docs/rpc-spec.md and libtransmission/rpc-server.cc: 401
    without the login, 409 with a session id to repeat, one reply for every method that it knows.
    """

    health = ("/transmission/web/",)

    def __init__(self, place: Place) -> None:
        self._file = place.file("settings.json")
        stored = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._settings: _Told = {"download-dir": "/downloads", "rpc-port": 9091, **stored}
        for folder in ("resume", "torrents"):
            (place.state / folder).mkdir(exist_ok=True)
        self._session = new_key()
        super().__init__(place)

    @override
    def routes(self) -> None:
        add = self.router.add
        add("GET", "/", lambda _: redirect("/transmission/web/", 301))
        add("GET", "/transmission/web/?", lambda _: as_html("<title>Transmission</title>"))
        add("GET POST", "/transmission/rpc", self._rpc)
        self._methods: dict[str, _Method] = {
            "session-get": lambda _: self._describe(),
            "session-set": self._change,
            "session-stats": lambda _: {"torrentCount": 0, "activeTorrentCount": 0},
            "torrent-get": lambda _: {"torrents": []},
            "free-space": lambda told: {"path": told.get("path"), "size-bytes": 0},
        }

    @override
    def handle(self, request: Request) -> Response:
        if not self._trusted(request):
            login = {"WWW-Authenticate": 'Basic realm="Transmission"'}
            return Response(401, b"Unauthorized", "text/html", login)
        return super().handle(request)

    @override
    def close(self) -> None:
        """The real one rewrites its file when it ends; so a seed must run before it starts."""
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._settings, indent=4, sort_keys=True) + "\n")
        part.replace(self._file)

    def _trusted(self, request: Request) -> bool:
        if not self._settings.get("rpc-authentication-required"):
            return True
        pair = f"{self._settings['rpc-username']}:{self._settings['rpc-password']}"
        wanted = base64.b64encode(pair.encode()).decode()
        return same_key(request.header("Authorization").removeprefix("Basic "), wanted)

    def _rpc(self, request: Request) -> Response:
        if not same_key(request.header(_SESSION), self._session):
            return Response(409, b"409: Conflict", "text/html", {_SESSION: self._session})
        asked = request.json()
        method = self._methods.get(asked.get("method", ""))
        if method is None:
            return as_json({"result": "method name not recognized", "arguments": {}})
        told = {"result": "success", "arguments": method(asked.get("arguments", {}))}
        return as_json({**told, **({"tag": asked["tag"]} if "tag" in asked else {})})

    def _describe(self) -> _Told:
        version = {"version": f"{self.place.version} (stand-in)", "rpc-version": 18}
        hidden = ("rpc-password", "rpc-username")
        shown = {key: value for key, value in self._settings.items() if key not in hidden}
        return {**shown, **version, "config-dir": str(self.place.state)}

    def _change(self, wanted: _Told) -> _Told:
        self._settings |= {key: value for key, value in wanted.items() if key in self._settings}
        return {}
