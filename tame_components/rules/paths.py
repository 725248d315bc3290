"""The data tree is one mount, and what an application keeps is on a local disk."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tame_components.rules.known import IMPORTERS, MEDIA, is_any
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container, Mount


_DATA = PurePosixPath("/data")
_MEDIA_TARGETS = frozenset(
    {"data", "media", "mnt", "storage", "share", "downloads", "download", "torrents", "usenet"}
    | {"movies", "films", "tv", "shows", "series", "anime", "music", "books", "complete"}
    | {"incomplete", "watch", "library"}
)
_STATE_TARGETS = frozenset({"/app/data", "/prometheus", "/gluetun", "/kuma", "/database", "/db"})
_NETWORK_TYPES = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "fuse", "sshfs", "rclone"}
    | {"glusterfs", "ceph", "cephfs", "s3fs", "netshare", "virtiofs", "davfs", "davfs2"}
)
_ADDRESS = re.compile(r"(?:^|,)\s*addr=")


def _path(text: str) -> PurePosixPath:
    return PurePosixPath(text) if text else PurePosixPath("relative")


def _is_media(mount: "Mount", root: str | None) -> bool:
    """Whether *mount* shows a part of the data tree, or what takes its place."""
    target, source = _path(mount.target), _path(mount.source)
    first = target.parts[1] if len(target.parts) > 1 else ""
    return first in _MEDIA_TARGETS or (root is not None and source.is_relative_to(root))


def _split(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not is_any(container, IMPORTERS):
        return
    hint = "mount the whole data root at `/data`, once, and nothing below it"
    media = [mount for mount in container.mounts if _is_media(mount, scope.data_root)]
    if len(media) != 1:
        places = ", ".join(f"`{mount.target}`" for mount in media) or "none"
        yield f"an importer needs exactly one mount of the data tree, got {places}", hint
    for mount in media:
        if len(media) == 1 and _path(mount.target) != _DATA:
            yield f"the data tree is at `{mount.target}`, not at `/data`", hint
    tree = [mount for mount in media if _path(mount.target) == _DATA]
    expected = _agreed_root(container, scope)
    for mount in tree:
        if expected and _path(mount.source) != _path(expected):
            yield f"`/data` is `{mount.source}`, the stack's data root is `{expected}`", hint


def _agreed_root(container: "Container", scope: Scope) -> str | None:
    """The stack's data root; where nobody says it, what the other importers mount."""
    if scope.data_root:
        return scope.data_root
    others = [c for c in scope.containers if c.name != container.name and is_any(c, IMPORTERS)]
    roots = sorted(
        {m.source for c in others for m in c.mounts if _path(m.target) == _DATA and m.source}
    )
    return roots[0] if roots else None


def _crooked(container: "Container", scope: Scope) -> Iterator[Finding]:
    if is_any(container, IMPORTERS):
        return
    root = _agreed_root(container, scope)
    hint = "keep the path below the data root, e.g., `DATA/torrents:/data/torrents`"
    for mount in container.mounts:
        source, target = _path(mount.source), _path(mount.target)
        if root and mount.kind == "bind" and source.is_relative_to(root):
            wanted = _DATA / source.relative_to(root)
            if target != wanted:
                yield f"`{mount.source}` is at `{mount.target}`, not at `{wanted}`", hint
        elif is_any(container, MEDIA) and target.is_relative_to(_DATA) and mount.kind == "bind":
            below = target.relative_to(_DATA).parts
            if root:
                yield f"`{mount.target}` is `{mount.source}`, outside the data root `{root}`", hint
            elif below and source.parts[-len(below) :] != below:
                yield f"`{mount.target}` is `{mount.source}`, which ends otherwise", hint


def _keeps_state(mount: "Mount") -> bool:
    """Whether the application keeps its databases there."""
    target = str(_path(mount.target))
    parts = _path(mount.target).parts
    in_data = len(parts) > 1 and parts[1] in _MEDIA_TARGETS
    named = "config" in parts or ".config" in parts
    library = len(parts) > 2 and parts[:3] == ("/", "var", "lib")  # noqa: PLR2004 - /var/lib
    return not in_data and (named or library or target in _STATE_TARGETS)


def _tokens(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text.lower()))


def _remote(mount: "Mount") -> str | None:
    """What kind of network share a volume is; None where it is local, or nobody can tell."""
    driver, options = mount.driver or "", mount.options
    if found := _tokens(driver) & _NETWORK_TYPES:
        return min(found)
    if found := _tokens(options.get("type", "")) & _NETWORK_TYPES:
        return min(found)
    device = options.get("device", "")
    if _ADDRESS.search(options.get("o", "")) or device.startswith("//"):
        return "network"
    return "network" if re.match(r"[\w.-]+:/", device) else None


def _config_on_network(container: "Container", scope: Scope) -> Iterator[Finding]:
    hint = "put it on a local disk; a backup job copies it to the share"
    for mount in container.mounts:
        if not _keeps_state(mount):
            continue
        place = mount.source if mount.kind == "bind" else mount.options.get("device", "")
        below = [one for one in scope.network_mounts if place and _path(place).is_relative_to(one)]
        if kind := _remote(mount):
            yield f"`{mount.target}` is on a network share (`{kind}`)", hint
        elif below:
            yield f"`{mount.target}` is below the network mount `{below[0]}`", hint


SPLIT_DATA_TREE = Rule(
    id="R05",
    name="split-data-tree",
    summary="An importer sees the data tree as several mounts, elsewhere, or not at all",
    why="a link or a move between two mounts fails with EXDEV even on one file system (measured): "
    "the application copies instead, and every film takes its space twice",
    example="volumes: [/srv/movies:/movies, /srv/torrents:/downloads]  # radarr",
    instead="volumes: [/srv/data:/data]",
    reads=frozenset({"image", "mounts"}),
    whole_stack=True,
    check=_split,
)

CROOKED_DATA_PATH = Rule(
    id="R06",
    name="crooked-data-path",
    summary="A folder of the data tree has another path in this container than in the importers",
    why="the path that a download client reports must exist in the importer",
    example="volumes: [/srv/data/torrents:/downloads]  # qbittorrent",
    instead="volumes: [/srv/data/torrents:/data/torrents], or the whole tree at /data",
    reads=frozenset({"image", "mounts"}),
    adds=frozenset({"mounts"}),
    whole_stack=True,
    check=_crooked,
)

CONFIG_ON_NETWORK_SHARE = Rule(
    id="R09",
    name="config-on-network-share",
    summary="What the application keeps lies on a network file system",
    why="SQLite's locks and WAL do not work there: databases break",
    example="volumes: {config: {driver_opts: {type: nfs, o: addr=nas}}}",
    instead="volumes: [/srv/config/radarr:/config]  # a local disk",
    reads=frozenset({"mounts"}),
    adds=frozenset({"mounts"}),
    whole_stack=True,
    check=_config_on_network,
)

RULES = (SPLIT_DATA_TREE, CROOKED_DATA_PATH, CONFIG_ON_NETWORK_SHARE)
