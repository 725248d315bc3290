"""A small HTTP server: routes, JSON, and nothing that a stand-in does not need."""

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from typing_extensions import override


_IDLE_SECONDS = 30.0
"""How long a kept-alive connection may say nothing."""
_CLIENT_GONE = (BrokenPipeError, ConnectionResetError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    peer: str
    """The client's address."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """What the route's `{name}` parts matched."""

    def json(self) -> Any:  # noqa: ANN401 - whatever the client sent
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """The header *name*, or an empty text."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Response:
    """What the client gets."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: object, status: int = 200) -> Response:
    """*value* as a JSON answer."""
    return Response(status, json.dumps(value).encode())


def as_text(text: str, status: int = 200) -> Response:
    """*text* as a plain answer."""
    return Response(status, text.encode(), "text/plain; charset=utf-8")


def as_html(text: str, status: int = 200) -> Response:
    """*text* as a page."""
    return Response(status, text.encode(), "text/html; charset=utf-8")


def redirect(to: str, status: int = 302) -> Response:
    """Sends the client to *to*."""
    return Response(status, headers={"Location": to})


Handler = Callable[[Request], Response]


class Router:
    """Finds who answers a request."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, methods: str, path: str, handler: Handler) -> None:
        """Lets *handler* answer *methods* (`GET POST`) of *path*; `{name}` matches one part."""
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        for method in methods.split():
            self._routes.append((method, pattern, handler))

    def __call__(self, request: Request) -> Response:
        """The answer of the first route that fits; HEAD is answered like GET; else 404 or 405."""
        wanted = "GET" if request.method == "HEAD" else request.method
        known = False
        for method, pattern, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if method == wanted:
                return handler(_with_parts(request, match.groupdict()))
            known = True
        status = HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND
        return as_json({"message": status.phrase}, status)


def _with_parts(request: Request, parts: Mapping[str, str]) -> Request:
    if not parts:
        return request
    r = request
    return Request(r.method, r.path, r.query, r.headers, r.body, r.peer, parts)


class _Connection(BaseHTTPRequestHandler):
    """One client."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: "Server"

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        split = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(split.path),
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
            peer=str(self.client_address[0]),
        )
        response = self.server.handler(request)
        self.send_response(response.status)
        if response.body:
            self.send_header("Content-Type", response.kind)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - names that the standard library looks for

    @override
    def version_string(self) -> str:
        return self.server.banner

    @override
    def log_message(self, format: str, *args: object) -> None:
        """The real applications do not log requests by default."""


class Server(ThreadingHTTPServer):
    """Listens on all addresses, IPv6 too where the machine has it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: Handler, *, host: str = "", banner: str = "") -> None:
        self.handler = handler
        self.banner = banner
        if not host and _has_ipv6():
            self.address_family = socket.AF_INET6
            host = "::"
        super().__init__((host, port), _Connection)

    @override
    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # Not HTTPServer's: it asks DNS for this machine's name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error of the server."""
        import sys  # noqa: PLC0415 - only after an error

        if not isinstance(sys.exception(), _CLIENT_GONE):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True
