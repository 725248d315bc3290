"""wollomatic/socket-proxy: a filter between a client and the Docker socket."""

import ipaddress
import os
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

from typing_extensions import override

from testbed.apps.application import Application
from testbed.apps.docker_api import get
from testbed.apps.go_flags import parse
from testbed.apps.place import Place
from testbed.apps.relay import Relay
from testbed.apps.web import Handler, Request, Response, Server, as_text


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE", "OPTIONS")
_VALUES = {
    *("allowfrom", "listenip", "loglevel", "proxyport", "shutdowngracetime", "socketpath"),
    *("watchdoginterval", "proxysocketendpoint", "proxysocketendpointfilemode"),
    *("allowbindmountfrom", "proxycontainername", *(f"allow{method}" for method in _METHODS)),
}
_UNSUPPORTED = ("proxysocketendpoint", "allowbindmountfrom", "proxycontainername")
"""Refused by name: a filter that silently filters less than asked for is worse than none."""
_SWITCHES = {"allowhealthcheck", "logjson", "stoponwatchdog"}
_HEALTH_PORT = 55555
_WATCHDOG_EXIT = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """What the flags and `SP_` variables allow (internal/config/config.go)."""

    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    """Method -> patterns, one of which the whole path must match."""
    clients: tuple[str, ...]
    """Networks or names."""

    def refusal(self, method: str, path: str, peer: str) -> tuple[int, str] | None:
        """The status and the reason, or None; handlehttprequest.go has this order."""
        if not any(_is_client(peer, entry) for entry in self.clients):
            return 403, "forbidden IP"
        if method not in self.patterns:
            return 405, "method not allowed"
        if not any(pattern.fullmatch(path) for pattern in self.patterns[method]):
            return 403, "path not allowed"
        return None


def _is_client(peer: str, entry: str) -> bool:
    address = ipaddress.ip_address(peer.removeprefix("::ffff:"))
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(entry, None)
    except OSError:
        return False
    return any(str(one[4][0]) == str(address) for one in found)


class StandIn(Application):
    """The real filter's flags, order of checks, codes, health server and watchdog."""

    def __init__(self, place: Place) -> None:
        self._flags = parse(place.arguments, _VALUES, _SWITCHES)
        self._environment = place.environment
        for name in _UNSUPPORTED:
            if self._flag(name):
                raise SystemExit(f"the stand-in of socket-proxy does not know -{name}")
        self.host = self._flag("listenip") or "127.0.0.1"
        self.socket_path = self._flag("socketpath") or "/var/run/docker.sock"
        self.rules = Rules(
            {method: rules for method in _METHODS if (rules := self._patterns(method))},
            tuple((self._flag("allowfrom") or "127.0.0.1/32").split(",")),
        )
        super().__init__(place)

    @property
    @override
    def port(self) -> int:
        return int(self._flag("proxyport") or self.place.port)

    @override
    def routes(self) -> None:
        """None: everything is judged by the rules."""

    @override
    def server(self, handler: Handler) -> ThreadingHTTPServer:
        if self._flag("allowhealthcheck") == "true":
            health = Server(_HEALTH_PORT, self._health, host="127.0.0.1")
            threading.Thread(target=health.serve_forever, daemon=True).start()
        if int(self._flag("watchdoginterval") or 0):
            threading.Thread(target=self._watch, daemon=True).start()
        return Relay(self.host, self.port, self.socket_path, self._judge)

    def _flag(self, name: str) -> str:
        """The last value on the command line, else the variable's."""
        given = self._flags.get(name)
        return given[-1] if given else self._environment.get(f"SP_{name.upper()}", "")

    def _patterns(self, method: str) -> tuple[re.Pattern[str], ...]:
        given = self._flags.get(f"allow{method}")
        if not given:
            given = [self._environment.get(f"SP_ALLOW_{method}", "")]
        return tuple(re.compile(pattern) for pattern in given if pattern)

    def _judge(self, method: str, path: str, peer: str) -> tuple[int, str] | None:
        refused = self.rules.refusal(method, path, peer)
        if refused:
            status, reason = refused
            said = f'reason="{reason}" method={method} URL={path} client={peer} response={status}'
            self.log("WARN", f"blocked request {said}")
        return refused

    def _answers(self) -> bool:
        try:
            return get(f"unix://{self.socket_path}", "/_ping")[0] == 200  # noqa: PLR2004 - HTTP's own number
        except OSError:
            return False

    def _health(self, request: Request) -> Response:
        """cmd/socket-proxy/main.go: HEAD /health, 503 when the socket does not answer."""
        if request.path != "/health" or request.method != "HEAD":
            return as_text("", 405)
        return Response(200 if self._answers() else 503)

    def _watch(self) -> None:
        while True:
            time.sleep(int(self._flag("watchdoginterval")))
            if not self._answers():
                self.log("ERROR", "socket is unavailable")
                if self._flag("stoponwatchdog") == "true":
                    os._exit(_WATCHDOG_EXIT)
