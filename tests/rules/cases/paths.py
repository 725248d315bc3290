"""Mounts: the data tree, the state, the host."""

from tests.rules.cases.model import ROOT, made, offends, passes
from tests.rules.stacks import SOCKET, bind, volume


NAS = volume("/config", "local", type="nfs4", o="addr=10.0.0.2,rw", device=":/export")
LOCAL = volume("/config", "local", type="none", o="bind", device="/srv/config/local")
TREE = bind(ROOT, "/data")


_MIRRORED = made("qbittorrent", mounts=(bind(f"{ROOT}/torrents", "/data/torrents"),))
_ELSEWHERE = made("qbittorrent", mounts=(bind(f"{ROOT}/torrents", "/downloads"),))
_OUTSIDE = made("qbittorrent", mounts=(bind("/mnt/ssd/torrents", "/data/torrents"),))
_OWN = made("caddy", mounts=(bind("/srv/caddy", "/data"),))
_PAIR = made("radarr"), made("sonarr")
_TWIN = made("sonarr", mounts=(TREE, bind("/srv/config/twin", "/config")))
_OTHER_TWIN = made("sonarr", mounts=(TREE, bind("/srv/config/twin/", "/config")))
_READER = made("exportarr", mounts=(bind("/srv/config/twin-2", "/config", read_only=True),))
_READ = made("radarr", mounts=(TREE, bind("/srv/config/twin-2", "/config")))

CASES = (
    offends(
        "split-data-tree",
        "a link between two mounts fails",
        made("radarr", mounts=(TREE, bind(f"{ROOT}/media", "/data/media"))),
    ),
    offends(
        "split-data-tree",
        "the wiki's old layout",
        made("radarr", mounts=(bind("/srv/movies", "/movies"), bind("/srv/dl", "/downloads"))),
    ),
    passes("split-data-tree", "whole, and a state beside it", made("radarr")),
    passes(
        "split-data-tree",
        "not below /data",
        made("radarr", mounts=(TREE, bind("/srv/db", "/database"))),
    ),
    offends("crooked-data-path", "another name in the container", _ELSEWHERE),
    offends("crooked-data-path", "another disk", _OUTSIDE),
    passes("crooked-data-path", "TRaSH's mirrored folder", _MIRRORED),
    passes("crooked-data-path", "its own /data, no media", _OWN),
    offends("writable-library", "the whole tree", made("plex", mounts=(TREE,))),
    offends(
        "writable-library",
        "a part of it",
        made("jellyfin", mounts=(bind(f"{ROOT}/media", "/data/media"),)),
    ),
    passes(
        "writable-library",
        "read-only",
        made("plex", mounts=(bind(f"{ROOT}/media", "/data/media", read_only=True),)),
    ),
    passes("writable-library", "an importer must write", made("radarr")),
    offends("config-on-network-share", "by the driver's options", made("sabnzbd", mounts=(NAS,))),
    offends(
        "config-on-network-share",
        "below a mount of the host",
        made("sabnzbd", mounts=(bind("/mnt/nas/config", "/config"),)),
    ),
    passes("config-on-network-share", "a bind volume", made("sabnzbd", mounts=(LOCAL,))),
    passes(
        "config-on-network-share",
        "another directory with the same beginning",
        made("sabnzbd", mounts=(bind("/mnt/nas2/config", "/config"),)),
    ),
    offends("missing-state", "only the data tree", made("radarr", mounts=(TREE,))),
    offends(
        "missing-state",
        "next to where it looks",
        made("jellyseerr", mounts=(bind("/srv/config/js", "/app/data"),)),
    ),
    passes("missing-state", "another image's place", made("jellyseerr")),
    passes("missing-state", "it keeps nothing", made("flaresolverr", mounts=())),
    offends("shared-state", "two write one directory", _TWIN, _OTHER_TWIN),
    offends(
        "shared-state",
        "one volume",
        made("sonarr", mounts=(TREE, volume("/config"))),
        made("sonarr", mounts=(TREE, volume("/config"))),
    ),
    passes("shared-state", "each its own", *_PAIR),
    passes("shared-state", "the other one only reads", _READ, _READER),
    offends("writable-host-directory", "all of it", made("radarr", mounts=(bind("/", "/host"),))),
    offends(
        "writable-host-directory",
        "the engine's own files",
        made("radarr", mounts=(bind("/var/lib/docker/volumes", "/backup"),)),
    ),
    passes(
        "writable-host-directory",
        "to look at",
        made("node-exporter", mounts=(bind("/", "/host", read_only=True),)),
    ),
    passes(
        "writable-host-directory",
        "one file",
        made("radarr", mounts=(bind("/etc/localtime", "/etc/localtime"),)),
    ),
    offends(
        "writable-docker-socket",
        "a directory above",
        made("x", mounts=(bind("/var/run", "/var/run"),)),
    ),
    offends("writable-docker-socket", "itself", made("x", mounts=(bind(SOCKET, SOCKET),))),
    passes(
        "writable-docker-socket",
        "read-only",
        made("x", mounts=(bind(SOCKET, SOCKET, read_only=True),)),
    ),
    passes(
        "writable-docker-socket", "a neighbour", made("x", mounts=(bind("/run/udev", "/run/udev"),))
    ),
)
