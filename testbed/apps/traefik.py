"""Traefik."""

import http.client
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from testbed.apps.application import fatal
from testbed.apps.place import Place
from testbed.apps.plain import WithMorePorts, exposition
from testbed.apps.settings_yaml import parse
from testbed.apps.web import Request, Response, as_text


_PATIENCE_SECONDS = 10.0
_HOST = re.compile(r"Host\(`([^`]+)`\)")
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade"}
"""Headers that mean one connection only (RFC 9110, 7.6.1), and what is set anew."""
_UNKNOWN = "404 page not found\n"


class StandIn(WithMorePorts):
    """Passes requests on by host, after a forward-auth that agrees; on its other port, its page.

    Of rules it knows `Host`, of middlewares `forwardAuth`; no TLS, no WebSocket, no retries.
    """

    health = ("/ping",)
    more = (8080,)
    settings = Path("/etc/traefik/dynamic/tame.yml")
    pages = {  # noqa: RUF012 - never changed
        "/ping": "OK",
        "/metrics": exposition(traefik_config_last_reload_success=1, traefik_open_connections=0),
        "/api/version": {"Version": "{version}", "Codename": "stand-in"},
    }

    def __init__(self, place: Place) -> None:
        text = self.settings.read_text("utf-8") if self.settings.is_file() else ""
        try:
            told: Mapping[str, Any] = (parse(text) or {}).get("http") or {}
        except ValueError as error:
            fatal(f"Cannot start the provider *file.Provider: {error}")
            raise SystemExit(1) from error
        self._services: Mapping[str, Any] = told.get("services") or {}
        self._middlewares: Mapping[str, Any] = told.get("middlewares") or {}
        self._routers = {
            host: router
            for router in (told.get("routers") or {}).values()
            for host in _HOST.findall(router["rule"])
        }
        super().__init__(place)

    @override
    def handle(self, request: Request) -> Response:
        router = self._routers.get(request.header("host").partition(":")[0])
        if router is None:
            answer = super().handle(request)
            return answer if answer.status < 400 else as_text(_UNKNOWN, answer.status)  # noqa: PLR2004 - HTTP's own number
        for name in router.get("middlewares") or ():
            refused = self._asked(self._middlewares[name]["forwardAuth"], request)
            if refused:
                return refused
        servers = self._services[router["service"]]["loadBalancer"]["servers"]
        try:
            return _passed(servers[0]["url"], request.method, request.path, request)
        except OSError as error:
            self.log("Error", f"{error}")
            return as_text("Bad Gateway", 502)

    def _asked(self, middleware: Mapping[str, Any], request: Request) -> Response | None:
        """The refusal of whoever judges; None: it agrees."""
        address = urlsplit(middleware["address"])
        try:
            base = f"{address.scheme}://{address.netloc}"
            answer = _passed(base, "GET", address.path, request)
        except OSError as error:
            self.log("Error", f"{error}")
            return as_text("Internal Server Error", 500)
        return None if 200 <= answer.status < 300 else answer  # noqa: PLR2004 - HTTP's own numbers


def _passed(base: str, method: str, path: str, request: Request) -> Response:
    """The answer of *base*, told who asked for what."""
    url = urlsplit(base)
    connection = http.client.HTTPConnection(
        url.hostname or "", url.port or 80, timeout=_PATIENCE_SECONDS
    )
    kept = {name: value for name, value in request.headers.items() if name not in _HOP}
    told = {
        "X-Forwarded-For": request.peer,
        "X-Forwarded-Host": request.header("host"),
        "X-Forwarded-Method": request.method,
        "X-Forwarded-Proto": request.header("x-forwarded-proto") or "http",
        "X-Forwarded-Uri": request.path,
        "Host": request.header("host"),
    }
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    try:
        body = request.body if method == request.method else b""
        connection.request(method, f"{path}?{query}" if query else path, body, {**kept, **told})
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
        kind = headers.pop("Content-Type", "application/octet-stream")
        return Response(answer.status, answer.read(), kind, headers)
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
