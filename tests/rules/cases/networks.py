"""Who can be reached from where, and by which name services call each other."""

from typing import Any

from tame_components.domain.container import Container
from tests.rules.cases.model import made, offends, on, passes
from tests.rules.stacks import port


LAN = "192.168.1.10"
PROXIED = {"traefik.http.routers.radarr.rule": "Host(`radarr.example.org`)"}
LOGIN = {"traefik.http.routers.radarr.middlewares": "authelia@docker"}


def caller(**environment: str) -> Container:
    """A request portal that calls others."""
    return made("overseerr", environment=environment)


def on_host(app: str, **fields: Any) -> Container:
    """A container on the host's network."""
    return made(app, network_mode="host", **fields)


_SONARR = made("sonarr", ports=(port(18989, LAN),))
_LIDARR = made("lidarr")
_PLEX = on_host("plex")
_GLUETUN = made("gluetun")
_CLIENT = made("qbittorrent", shares=_GLUETUN.name)

CASES = (
    offends("exposed-operator-ui", "on the LAN", made("radarr", ports=(port(7878, LAN),))),
    offends("exposed-operator-ui", "a proxy without a login", made("radarr", labels=PROXIED)),
    passes("exposed-operator-ui", "loopback", made("radarr", ports=(port(7878),))),
    passes("exposed-operator-ui", "behind a login", made("radarr", labels=PROXIED | LOGIN)),
    offends("unbound-port", "no address", made("plex", ports=(port(32400, ""),))),
    offends("unbound-port", "every IPv6 address", made("plex", ports=(port(32401, "::"),))),
    passes("unbound-port", "the LAN's", made("plex", ports=(port(32400, LAN),))),
    passes("unbound-port", "IPv6 loopback", made("plex", ports=(port(32400, "::1"),))),
    offends("host-network", "an importer", on_host("sonarr")),
    offends("host-network", "a player that needs none", on_host("jellyfin")),
    passes("host-network", "a player that broadcasts", on_host("plex")),
    passes("host-network", "what measures the host", on_host("node-exporter")),
    offends("default-bridge", "nothing named", made("radarr", attachments=())),
    offends("default-bridge", "by its name", made("radarr", attachments=on("bridge"))),
    passes("default-bridge", "none on purpose", made("radarr", network_mode="none")),
    passes("default-bridge", "its gateway's", _CLIENT, _GLUETUN),
    offends(
        "roundabout-url",
        "through the proxy's login",
        caller(LIDARR_URL="https://lidarr.example.org/api"),
        _LIDARR,
    ),
    offends(
        "roundabout-url", "through the host's port", caller(PVR=f"http://{LAN}:18989"), _SONARR
    ),
    offends(
        "roundabout-url",
        "a name that is none",
        caller(X=f"http://{_CLIENT.name}:8080"),
        _CLIENT,
        _GLUETUN,
    ),
    offends(
        "roundabout-url",
        "a widget's API call",
        made("lidarr", labels={"homepage.widget.url": "https://music.example.org"}),
        made("homepage"),
    ),
    passes("roundabout-url", "by name", caller(LIDARR_URL="http://lidarr:8686"), _LIDARR),
    passes(
        "roundabout-url",
        "the vendor's own address, in its name",
        caller(PLEX_URL="https://app.plex.tv/desktop"),
        _PLEX,
    ),
    passes(
        "roundabout-url",
        "the gateway's name for a member",
        caller(QBITTORRENT_URL=f"http://{_GLUETUN.name}:8080"),
        _CLIENT,
        _GLUETUN,
    ),
    passes(
        "roundabout-url",
        "people follow it, and nobody else",
        made("lidarr", labels={"homepage.href": "https://lidarr.example.org"}),
        _LIDARR,
    ),
    passes(
        "roundabout-url",
        "on the host's network it has no other address",
        caller(PLEX_URL="http://host.docker.internal:32499"),
        _PLEX,
    ),
    passes(
        "roundabout-url",
        "its own public name",
        made("overseerr", environment={"OVERSEERR_URL": "https://requests.example.org"}),
    ),
)
