"""Applications by what their image is called, for containers that TAME did not make."""

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable

    from tame_components.domain.container import Container


ON = frozenset({"1", "true", "yes", "on"})
"""How a variable of an image says yes, in lower case."""

IMPORTERS = frozenset({"sonarr", "radarr", "lidarr", "readarr", "whisparr"})
"""They link finished downloads into the library: one mount is a must (doctrine R05)."""

TORRENT_CLIENTS = frozenset(
    {"qbittorrent", "qbittorrent-nox", "transmission", "deluge", "rtorrent", "rutorrent"}
    | {"rtorrent-rutorrent", "flood", "qbit", "tixati", "biglybt", "ktorrent"}
)
"""Without a VPN of their own: `transmission-openvpn` and `arch-qbittorrentvpn` bring one."""

USENET_CLIENTS = frozenset({"sabnzbd", "nzbget"})

PLAYERS = frozenset({"plex", "pms-docker", "jellyfin", "emby", "embyserver", "navidrome", "kavita"})

MEDIA = frozenset(
    {*TORRENT_CLIENTS, *USENET_CLIENTS, *PLAYERS, "bazarr", "tdarr", "tdarr_node", "unmanic"}
    | {"audiobookshelf", "autobrr", "cross-seed", "unpackerr", "qbit_manage"}
)
"""They see the data tree without importing: their path must mirror it (doctrine R06)."""

REQUEST_PORTALS = frozenset({"overseerr", "jellyseerr", "seerr", "ombi", "petio"})

REVERSE_PROXIES = frozenset(
    {"traefik", "caddy", "nginx", "nginx-proxy", "nginx-proxy-manager", "swag", "haproxy"}
    | {"cloudflared", "authelia", "authentik", "envoy", "wireguard-server", "wg-easy", "tailscale"}
)

USER_PLANE = PLAYERS | REQUEST_PORTALS | REVERSE_PROXIES
"""They may be met from outside the host (doctrine R14)."""

VPN_GATEWAYS = frozenset(
    {"gluetun", "wireguard", "openvpn-client", "nordlynx", "nordvpn", "docker-wireguard-pia"}
    | {"protonvpn", "protonwire", "mullvad"}
)

SOCKET_PROXIES = frozenset({"docker-socket-proxy", "socket-proxy", "dockerproxy", "restart-proxy"})
"""Tecnativa's and 11notes' name; wollomatic's and linuxserver's name."""

HOST_NETWORK = frozenset({"plex", "pms-docker", "node-exporter", "node_exporter", "fail2ban"})
"""They lose their purpose in a network of their own (doctrine R16)."""


TWO_NUMBERS = frozenset({"blackhole"})
"""Images whose full versions have two numbers, so that a third one would be another program's:
Decypharr since 2.0 (sirrobot01/decypharr, git tags)."""

ARRS = IMPORTERS | {"prowlarr", "jackett", "bazarr", "nzbhydra2"}

TRANSCODERS = frozenset(
    {"plex", "pms-docker", "jellyfin", "emby", "embyserver", "tdarr", "tdarr_node", "tdarr-node"}
    | {"unmanic", "fileflows", "handbrake"}
)
"""They work on video: what they need of memory depends on the film."""

NO_BUSINESS_IN_THE_TUNNEL = ARRS | PLAYERS | REQUEST_PORTALS | {"tautulli", "tdarr"}
"""They answer people and each other; only what strangers talk to has to hide (doctrine R22)."""

OWN_HEALTH_CHECK = frozenset(
    {"gluetun", "pms-docker", "uptime-kuma", "homepage", "cadvisor", "jellyfin/jellyfin"}
)
"""Their Dockerfile has a HEALTHCHECK: qdm12/gluetun, plexinc/pms-docker, louislam/uptime-kuma,
gethomepage/homepage, google/cadvisor; of Jellyfin's images only its authors' own."""

STATE_DIRECTORIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*ARRS, "plex", "pms-docker", "jellyfin", "emby", "embyserver"), ("/config",)),
    **dict.fromkeys(("sabnzbd", "nzbget", "qbittorrent", "deluge", "tautulli"), ("/config",)),
    "transmission": ("/config",),
    **dict.fromkeys(("overseerr", "jellyseerr", "seerr"), ("/app/config", "/config")),
    "uptime-kuma": ("/app/data",),
    "grafana": ("/var/lib/grafana",),
    "nginx-proxy-manager": ("/data", "/config"),
    "tdarr": ("/app/server", "/app/configs"),
}
"""Where they keep what would be missed; one of several, as images differ (doctrine R10)."""

SQLITE = frozenset(
    {*ARRS, *REQUEST_PORTALS, "plex", "pms-docker", "jellyfin", "emby", "embyserver", "tautulli"}
    | {"uptime-kuma", "sabnzbd", "grafana", "nginx-proxy-manager"}
) - {"jackett"}
"""A kill in the middle of a write is what breaks their databases (doctrine R32)."""

BACKUP_TOOLS = frozenset(
    {"docker-volume-backup", "backrest", "borgmatic", "duplicati", "kopia", "restic", "resticker"}
    | {"autorestic", "autorestic-docker", "volumerize", "duplicacy"}
)

UPTIME_MONITORS = frozenset({"uptime-kuma", "gatus", "prometheus", "statping-ng", "healthchecks"})

LOG_VIEWERS = frozenset({"dozzle", "loki", "grafana-loki", "graylog", "victoria-logs", "logdy"})

FILE_MANAGERS = frozenset({"filebrowser", "krusader", "double-commander", "filestash"})


def image_name(image: str) -> str:
    """The last part of the repository of *image*, e.g. `radarr`."""
    repository = image.partition("@")[0]
    return repository.rpartition("/")[2].partition(":")[0].lower()


def names_of(container: "Container") -> frozenset[str]:
    """What *container* may be called in the tables above: its app, its image in each spelling."""
    image = image_name(container.image)
    bare = image.removeprefix("docker-").removeprefix("arch-")
    return frozenset({container.app, image, bare}) - {""}


def is_any(container: "Container", names: frozenset[str]) -> bool:
    """Whether *container* runs one of *names*, by its label or by its image."""
    return not names_of(container).isdisjoint(names)


def is_gateway(container: "Container") -> bool:
    """Whether others may hide behind *container*."""
    return is_any(container, VPN_GATEWAYS)


def family_of(container: "Container") -> str:
    """Who built the image: `linuxserver`, `hotio`, or empty where that changes nothing."""
    for family in ("linuxserver", "hotio"):
        if container.family == family or f"{family}/" in container.image:
            return family
    return ""


def gateway_named(container: "Container", others: "Iterable[Container]") -> "Container | None":
    """The VPN gateway among *others* whose network namespace *container* lives in."""
    wanted = container.shares or container.network_mode.removeprefix("container:")
    shares = container.shares or container.network_mode.startswith("container:")
    found = (one for one in others if shares and wanted in {one.service, one.name})
    owner = next(found, None)
    return owner if owner is not None and is_gateway(owner) else None
