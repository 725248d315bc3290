"""Applications by what their image is called, for containers that TAME did not make."""

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from tame_components.domain.container import Container


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

SOCKET_PROXIES = frozenset({"docker-socket-proxy", "socket-proxy", "dockerproxy"})
"""Tecnativa's and 11notes' name; wollomatic's and linuxserver's name."""

HOST_NETWORK = frozenset({"plex", "pms-docker", "node-exporter", "node_exporter", "fail2ban"})
"""They lose their purpose in a network of their own (doctrine R16)."""


def image_name(image: str) -> str:
    """The last part of the repository of *image*, e.g. `radarr`."""
    repository = image.partition("@")[0]
    return repository.rpartition("/")[2].partition(":")[0].lower()


def is_any(container: "Container", names: frozenset[str]) -> bool:
    """Whether *container* runs one of *names*, by its label or by its image."""
    image = image_name(container.image).removeprefix("docker-").removeprefix("arch-")
    return container.app in names or image in names or image_name(container.image) in names


def is_gateway(container: "Container") -> bool:
    """Whether others may hide behind *container*."""
    return is_any(container, VPN_GATEWAYS)
