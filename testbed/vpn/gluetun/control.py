"""gluetun's HTTP control server: the routes that a stack uses, behind roles."""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from testbed.vpn.gluetun import FOLLOWS
from testbed.vpn.gluetun.auth import ROUTES, Role
from testbed.vpn.gluetun.commands import log
from testbed.vpn.gluetun.health import quiet
from testbed.vpn.gluetun.loop import VpnLoop


_VERSION: Final = {"version": FOLLOWS, "commit": "stand-in", "created": "stand-in"}
_STATUSES: Final = ("stopped", "running")
Answer = tuple[int, str]


def start(address: str, roles: tuple[Role, ...], loop: VpnLoop) -> None:
    """Serves on *address* (`[host]:port`) in a thread of its own."""

    class Handler(_Handler):
        allowed = roles
        vpn = loop

    host, _, port = address.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log("INFO", f"http server listening on {address}", "http server")


class _Handler(BaseHTTPRequestHandler):
    """One request: known route, then role, then answer; in the order and codes of gluetun."""

    allowed: tuple[Role, ...]
    vpn: VpnLoop

    def do_GET(self) -> None:
        self._serve()

    do_PUT = do_GET  # noqa: N815 - same
    do_POST = do_GET  # noqa: N815 - same
    do_DELETE = do_GET  # noqa: N815 - same

    def _serve(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        code, text = self._guarded(f"{self.command} {url.path}", url, body)
        log(
            "INFO", f"{code} {self.command} {url.path} from {self.client_address[0]}", "http server"
        )
        raw = f"{text}\n".encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _guarded(self, route: str, url: urllib.parse.SplitResult, body: bytes) -> Answer:
        if route not in ROUTES:
            known = any(name.endswith(f" {url.path}") for name in ROUTES)
            return (405, "Method Not Allowed") if known else (404, "Not Found")
        headers = dict(self.headers.items())
        given = {name.title(): value for name, value in headers.items()}
        given["X-API-Key"] = given.get("X-Api-Key", "")
        roles = [role for role in self.allowed if route in role.routes]
        if not any(role.admits(given, url.query) for role in roles):
            return 401, "Unauthorized"
        return self._answer(route, body)

    def _answer(self, route: str, body: bytes) -> Answer:
        ports = self.vpn.forwarder.ports
        dns = "running" if self.vpn.dns.running else "stopped"
        answers: dict[str, dict[str, object]] = {
            "GET /v1/version": dict(_VERSION),
            "GET /v1/vpn/status": {"status": self.vpn.status},
            "GET /v1/openvpn/status": {"status": "stopped"},
            "GET /v1/dns/status": {"status": dns},
            "GET /v1/publicip/ip": dict(self.vpn.public_ip.data),
            "GET /v1/portforward": {"port": ports[0] if ports else 0, "ports": list(ports) or None},
        }
        if route in answers:
            return 200, json.dumps(answers[route], separators=(",", ":"))
        if route in ("PUT /v1/vpn/status", "PUT /v1/dns/status"):
            return self._put_status(route, body)
        return 404, f"this stand-in does not answer {route}"

    def _put_status(self, route: str, body: bytes) -> Answer:
        try:
            wanted = json.loads(body)["status"]
        except (ValueError, KeyError, TypeError) as error:
            return 400, str(error)
        if wanted not in _STATUSES:
            return 400, f"invalid status: {wanted}: possible values are: stopped, running"
        if route == "PUT /v1/vpn/status":
            outcome = self.vpn.apply(wanted)
        elif (wanted == "running") == self.vpn.dns.running:
            outcome = f"already {wanted}"
        else:
            (self.vpn.dns.start if wanted == "running" else self.vpn.dns.stop)()
            outcome = wanted
        return 200, json.dumps({"outcome": outcome}, separators=(",", ":"))

    log_message = quiet  # requests are logged once, in gluetun's form
