"""gluetun's health: what is asked through the tunnel, and the server that its HEALTHCHECK asks."""

import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from testbed.vpn.gluetun import dns
from testbed.vpn.gluetun.commands import log
from testbed.vpn.gluetun.settings import Health


_STARTUP_SECONDS: Final = 6.0
_SMALL_PERIOD, _FULL_PERIOD = 60.0, 300.0
_SMALL_TRIES: Final = (5, 5, 5, 10, 10, 10, 15, 15, 15, 30)
_FULL_TRIES: Final = (10, 15, 30)
_HTTPS: Final = "443"
_ECHO_REPLY: Final = 0


def dial(target: str, seconds: float) -> None:
    """Opens a TCP connection to `host[:port]`, with TLS if the port is 443; raises OSError."""
    host, _, port = target.rpartition(":") if ":" in target else (target, "", _HTTPS)
    with socket.create_connection((host, int(port)), seconds) as connection:
        if port == _HTTPS:
            import ssl  # noqa: PLC0415 - 5 MiB that a rehearsal never needs

            ssl.create_default_context().wrap_socket(connection, server_hostname=host).close()


def ping(address: str, seconds: float) -> None:
    """One ICMP echo; raises OSError if none comes back."""
    token = os.urandom(16)
    number = os.getpid() & 0xFFFF
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as icmp:
        icmp.sendto(_echo(number, token), (address, 0))
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            icmp.settimeout(left)
            packet = icmp.recv(1500)
            body = packet[(packet[0] & 15) * 4 :]
            if body[0] == _ECHO_REPLY and body[8:] == token:
                return
    raise TimeoutError(f"ICMP echo: no answer from {address}")


def _echo(number: int, token: bytes) -> bytes:
    header = struct.pack("!BBHHH", 8, 0, 0, number, 1)
    words = struct.unpack("!12H", header + token)
    total = sum(words)
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return struct.pack("!BBHHH", 8, 0, ~total & 0xFFFF, number, 1) + token


def quiet(*_: Any, **__: Any) -> None:  # noqa: ANN401 - any method's arguments
    """Takes the place of `http.server`'s own log."""


class Checker:
    """The checks of one life of the tunnel."""

    def __init__(self, health: Health, endpoint: str, gateway: str) -> None:
        unspecified = health.icmp_targets == ("0.0.0.0",)  # noqa: S104 - means: the VPN server
        self._icmp_targets = (endpoint,) if unspecified else health.icmp_targets
        self._targets = health.targets
        self._small = health.small_check
        self._resolver = gateway

    def startup(self) -> str:
        """Dials all targets at once; why none answered within 6 s, else nothing."""
        errors: list[str] = []
        answered = threading.Event()

        def attempt(target: str) -> None:
            try:
                dial(target, _STARTUP_SECONDS)
            except OSError as error:
                errors.append(f"parallel attempt failed: {target}: {error}")
                if len(errors) == len(self._targets):
                    answered.set()
            else:
                errors.clear()
                succeeded.set()
                answered.set()

        succeeded = threading.Event()
        for target in self._targets:
            threading.Thread(target=attempt, args=(target,), daemon=True).start()
        answered.wait(_STARTUP_SECONDS + 1)
        if succeeded.is_set():
            return ""
        return f"startup check: all check tries failed: {', '.join(errors) or 'timed out'}"

    def watch(self, stopped: threading.Event, report: Callable[[str], bool]) -> None:
        """Checks every minute, and thoroughly every five, until *stopped* or *report* says so."""
        minutes = 0
        while not stopped.wait(_SMALL_PERIOD):
            minutes += 1
            error = self._retried("small", _SMALL_TRIES, self._small_check, stopped)
            if not error and minutes * _SMALL_PERIOD >= _FULL_PERIOD:
                minutes = 0
                error = self._retried("full", _FULL_TRIES, self._full_check, stopped)
            if stopped.is_set() or not report(error):
                return

    def _small_check(self, attempt: int, seconds: float) -> None:
        if self._small == "dns":
            dns.check(self._resolver, seconds)
            return
        ping(self._icmp_targets[attempt % len(self._icmp_targets)], seconds)

    def _full_check(self, attempt: int, seconds: float) -> None:
        dial(self._targets[attempt % len(self._targets)], seconds)

    @staticmethod
    def _retried(
        kind: str,
        tries: tuple[int, ...],
        check: Callable[[int, float], None],
        stopped: threading.Event,
    ) -> str:
        errors: list[str] = []
        for attempt, seconds in enumerate(tries):
            try:
                check(attempt, seconds)
            except OSError as error:
                errors.append(f"attempt {attempt + 1}: {error}")
            else:
                return ""
            if stopped.is_set():
                return ""
        return f"{kind} periodic check: all check tries failed: {'; '.join(errors)}"


class HealthServer:
    """Answers 200, or 500 with the last error, on `HEALTH_SERVER_ADDRESS`."""

    def __init__(self, address: str) -> None:
        self.error = "healthcheck did not run yet"
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = f"{owner.error}\n".encode() if owner.error else b""
                self.send_response(500 if body else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            log_message = quiet  # a probe every five seconds is not worth a line

        host, _, port = address.rpartition(":")
        self._server = ThreadingHTTPServer((host, int(port)), Handler)
        self._server.daemon_threads = True

    def start(self) -> None:
        """Serves in a thread of its own."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        log("INFO", "listening on {}:{}".format(*self._server.server_address[:2]), "healthcheck")
