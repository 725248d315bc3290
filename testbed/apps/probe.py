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


def cloudflared(arguments: Sequence[str]) -> int:
    """`cloudflared tunnel --metrics HOST:PORT ready` (cmd/cloudflared/tunnel/subcommands.go)."""
    address = arguments[arguments.index("--metrics") + 1]
    return _verdict(status(int(address.rpartition(":")[2]), "/ready") == 200)  # noqa: PLR2004 - HTTP's own number


def daemon(name: str, said: str) -> int:
    """Asks the stand-in of a program without a port; says *said* where it answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE_SECONDS)
        try:
            connection.connect(f"/tmp/{name}.sock")  # noqa: S108 - of the container
            answered = connection.recv(64).decode().strip() == name
        except OSError:
            answered = False
    if answered:
        print(said)
    return _verdict(answered)


def fail2ban(arguments: Sequence[str]) -> int:
    """`fail2ban-client ping` (fail2ban/client/fail2bancmdline.py)."""
    if "ping" not in arguments:
        return _verdict(good=False)
    return daemon("fail2ban", "Server replied: pong")


def traefik(_: Sequence[str]) -> int:
    """`/traefik healthcheck` (cmd/healthcheck/healthcheck.go)."""
    return _verdict(status(8080, "/ping") == 200)  # noqa: PLR2004 - HTTP's own number


def exportarr(_: Sequence[str]) -> int:
    """`/tini -s -e 1 -- /exportarr NAME`: whether a second exporter is refused the port."""
    with socket.socket() as second:
        try:
            second.bind(("0.0.0.0", int(os.environ.get("PORT") or 8081)))  # noqa: S104 - as it does
        except OSError:
            return 0
    return _verdict(good=False)


def loki(_: Sequence[str]) -> int:
    """`/usr/bin/loki -health` (cmd/loki/health.go)."""
    return _verdict(status(3100, "/ready") == 200)  # noqa: PLR2004 - HTTP's own number


def pulsarr(_: Sequence[str]) -> int:
    """What its image asks by itself (docs/api/get-health)."""
    return _verdict(status(3003, "/health") == 200)  # noqa: PLR2004 - HTTP's own number


def socket_proxy(_: Sequence[str]) -> int:
    """`/healthcheck` (cmd/healthcheck/main.go)."""
    return _verdict(status(55555, "/health", "HEAD") == 200)  # noqa: PLR2004 - HTTP's own number


restart_proxy = socket_proxy
"""It is the same program."""


def uptime_kuma(_: Sequence[str]) -> int:
    """`extra/healthcheck` (extra/healthcheck.go): any answer is good."""
    host = os.environ.get("UPTIME_KUMA_HOST") or "127.0.0.1"
    port = int(os.environ.get("UPTIME_KUMA_PORT") or 3001)
    return _verdict(status(port, "/", host=host) > 0)


def _verdict(good: bool) -> int:  # noqa: FBT001 - said once, here
    if not good:
        print("health check failed", file=sys.stderr)
    return 0 if good else 1


def tame_agent(_: Sequence[str]) -> int:
    """`tame agent-health`, as the catalog has it."""
    return _verdict(status(8970, "/health") == 200)  # noqa: PLR2004 - HTTP's own number
