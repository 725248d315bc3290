"""The data tree is one mount, and what an application keeps is on a local disk."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import IMPORTERS, MEDIA, is_any
from tame_components.rules.model import Finding, Rule, Scope
from tame_components.rules.mounts import (
    DATA,
    keeps_state,
    media_mounts,
    path,
    place_of,
    remote_kind,
)


if TYPE_CHECKING:
    from tame_components.domain.container import Container


def _split(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not is_any(container, IMPORTERS):
        return
    hint = "mount the whole data root at `/data`, once, and nothing below it"
    media = media_mounts(container, scope.data_root)
    if len(media) != 1:
        places = ", ".join(f"`{mount.target}`" for mount in media) or "none"
        yield f"an importer needs exactly one mount of the data tree, got {places}", hint
    for mount in media:
        if len(media) == 1 and path(mount.target) != DATA:
            yield f"the data tree is at `{mount.target}`, not at `/data`", hint
    tree = [mount for mount in media if path(mount.target) == DATA]
    expected = _agreed_root(container, scope)
    for mount in tree:
        allowed = {path(one) for one in (expected, *scope.other_data_roots) if one}
        if expected and path(mount.source) not in allowed:
            yield f"`/data` is `{mount.source}`, the stack's data root is `{expected}`", hint


def _agreed_root(container: "Container", scope: Scope) -> str | None:
    """The stack's data root; where nobody says it, what the other importers mount."""
    if scope.data_root:
        return scope.data_root
    others = [c for c in scope.containers if c.name != container.name and is_any(c, IMPORTERS)]
    roots = sorted(
        {m.source for c in others for m in c.mounts if path(m.target) == DATA and m.source}
    )
    return roots[0] if roots else None


def _crooked(container: "Container", scope: Scope) -> Iterator[Finding]:
    if is_any(container, IMPORTERS):
        return
    whole = {m.source for m in container.mounts if path(m.target) == DATA}
    root = min(whole & {*scope.other_data_roots}, default=None) or _agreed_root(container, scope)
    hint = "keep the path below the data root, e.g., `DATA/torrents:/data/torrents`"
    for mount in container.mounts:
        source, target = path(mount.source), path(mount.target)
        if root and mount.kind == "bind" and source.is_relative_to(root):
            wanted = DATA / source.relative_to(root)
            if target != wanted:
                yield f"`{mount.source}` is at `{mount.target}`, not at `{wanted}`", hint
        elif is_any(container, MEDIA) and target.is_relative_to(DATA) and mount.kind == "bind":
            below = target.relative_to(DATA).parts
            if root:
                yield f"`{mount.target}` is `{mount.source}`, outside the data root `{root}`", hint
            elif below and source.parts[-len(below) :] != below:
                yield f"`{mount.target}` is `{mount.source}`, which ends otherwise", hint


def _config_on_network(container: "Container", scope: Scope) -> Iterator[Finding]:
    hint = "put it on a local disk; a backup job copies it to the share"
    for mount in container.mounts:
        if not keeps_state(mount):
            continue
        place = place_of(mount)
        below = [one for one in scope.network_mounts if place and path(place).is_relative_to(one)]
        if kind := remote_kind(mount):
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
