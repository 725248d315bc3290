"""The health programs of images that have no shell, without an HTTP library: they run often."""

import os
import socket
import sys
from collections.abc import Sequence


_PATIENCE_SECONDS = 5.0


def status(port: int, path: str, method: str = "GET", host: str = "127.0.0.1") -> int:
    """The status of one request; 0 when nothing answers."""
    request = f"{method} {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
    try:
        with socket.create_connection((host, port), _PATIENCE_SECONDS) as connection:
            connection.sendall(request.encode())
            line = connection.recv(64)
        return int(line.split(b" ", 2)[1])
    except (OSError, IndexError, ValueError):
        return 0


def dozzle(_: Sequence[str]) -> int:
    """`/dozzle healthcheck` (internal/healthcheck/http.go)."""
    address = os.environ.get("DOZZLE_ADDR", ":8080")
    base = os.environ.get("DOZZLE_BASE", "/").rstrip("/")
    return _verdict(status(int(address.rpartition(":")[2]), f"{base}/healthcheck") == 200)  # noqa: PLR2004 - HTTP's own number


def socket_proxy(_: Sequence[str]) -> int:
    """`/healthcheck` (cmd/healthcheck/main.go)."""
    return _verdict(status(55555, "/health", "HEAD") == 200)  # noqa: PLR2004 - HTTP's own number


def uptime_kuma(_: Sequence[str]) -> int:
    """`extra/healthcheck` (extra/healthcheck.go): any answer is good."""
    host = os.environ.get("UPTIME_KUMA_HOST") or "127.0.0.1"
    port = int(os.environ.get("UPTIME_KUMA_PORT") or 3001)
    return _verdict(status(port, "/", host=host) > 0)


def _verdict(good: bool) -> int:  # noqa: FBT001 - said once, here
    if not good:
        print("health check failed", file=sys.stderr)
    return 0 if good else 1
