"""What a mount is for, and what it lies on, as far as its words tell."""

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tame_components.rules.known import IMPORTERS, MEDIA, is_any


if TYPE_CHECKING:
    from tame_components.domain.container import Container, Mount
    from tame_components.rules.model import Scope


DATA = PurePosixPath("/data")
"""Where every container sees the data tree (blueprint 000, section 2.2)."""

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


@lru_cache(maxsize=4096)
def path(text: str) -> PurePosixPath:
    """*text* as a path; the empty one is below nothing. Remembered: each rule asks again."""
    return PurePosixPath(text) if text else PurePosixPath("relative")


def is_media(mount: "Mount", root: str | None) -> bool:
    """Whether *mount* shows a part of the data tree, or what takes its place."""
    if mount.role in {"state", "socket"}:
        return False
    target, source = path(mount.target), path(mount.source)
    first = target.parts[1] if len(target.parts) > 1 else ""
    return first in _MEDIA_TARGETS or (root is not None and source.is_relative_to(root))


def media_mounts(container: "Container", root: str | None) -> "list[Mount]":
    """The mounts of *container* that show media."""
    return [mount for mount in container.mounts if is_media(mount, root)]


def library_mounts(container: "Container", scope: "Scope") -> "list[Mount]":
    """The mounts of *container* that show the stack's media: a stranger's `/data` is its own."""
    roots = [path(one) for one in (scope.data_root, *scope.other_data_roots) if one]
    if is_any(container, IMPORTERS | MEDIA):
        return media_mounts(container, scope.data_root)
    return [
        mount
        for mount in container.mounts
        if mount.role == "data" or any(path(mount.source).is_relative_to(root) for root in roots)
    ]


def keeps_state(mount: "Mount") -> bool:
    """Whether the application keeps its databases there."""
    if mount.role != "extra":
        return mount.role == "state"
    target = str(path(mount.target))
    parts = path(mount.target).parts
    in_data = len(parts) > 1 and parts[1] in _MEDIA_TARGETS
    named = "config" in parts or ".config" in parts
    library = len(parts) > 2 and parts[:3] == ("/", "var", "lib")  # noqa: PLR2004 - /var/lib
    return not in_data and (named or library or target in _STATE_TARGETS)


def place_of(mount: "Mount") -> str:
    """The directory of the host behind *mount*; empty where nobody can tell."""
    return mount.source if mount.kind == "bind" else mount.options.get("device", "")


def remote_kind(mount: "Mount") -> str | None:
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


def _tokens(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text.lower()))
