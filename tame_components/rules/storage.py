"""Who may delete the library, and what it lies on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import PLAYERS, is_any
from tame_components.rules.model import Finding, Rule, Scope, StackFinding, subject_of
from tame_components.rules.mounts import (
    keeps_state,
    library_mounts,
    media_mounts,
    path,
    remote_kind,
)


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_UNRAID = path("/mnt/user")
"""Unraid's shares: a FUSE file system over all disks; `/mnt/<pool>` is the disks themselves."""


def _writable_library(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not is_any(container, PLAYERS):
        return
    for mount in media_mounts(container, scope.data_root):
        if not mount.read_only and not keeps_state(mount):
            yield (
                f"a player may delete what is below `{mount.target}`",
                "mount it read-only, unless people are to delete from the player",
            )


def _remote(scope: Scope) -> Iterator[StackFinding]:
    hint = "put the data root on a local file system, and share it from there"
    seen = set()
    for container in scope.containers:
        for mount in container.mounts:
            if keeps_state(mount) and path(mount.source).is_relative_to(_UNRAID):
                yield (
                    subject_of(container),
                    f"`{mount.source}` goes through Unraid's FUSE file system",
                    "keep state on the pool itself, e.g., `/mnt/cache/appdata`",
                )
        for mount in library_mounts(container, scope):
            below = any(path(mount.source).is_relative_to(one) for one in scope.network_mounts)
            if mount.source not in seen and (below or remote_kind(mount)):
                seen.add(mount.source)
                yield "stack", f"media at `{mount.source}` is on a network file system", hint


WRITABLE_LIBRARY = Rule(
    id="R08",
    name="writable-library",
    summary="A player may delete films",
    why="whoever finds a hole in the one service that the whole house can reach, finds the library",
    example="volumes: [/srv/data/media:/data/media]  # plex",
    instead="volumes: [/srv/data/media:/data/media:ro]",
    reads=frozenset({"image", "mounts"}),
    adds=frozenset({"mounts"}),
    check=_writable_library,
)

REMOTE_MEDIA_ROOT = Rule(
    id="R38",
    name="remote-media-root",
    summary="The library, or state on Unraid, lies behind a network or FUSE file system",
    why="scans take hours, and a link across the share may be impossible",
    example="tame:data: {root: /mnt/nas/data, network_mounts: [/mnt/nas]}",
    instead="tame:data: {root: /srv/data}  # on the machine with the disks",
    reads=frozenset({"mounts"}),
    check_stack=_remote,
)

RULES = (WRITABLE_LIBRARY, REMOTE_MEDIA_ROOT)
