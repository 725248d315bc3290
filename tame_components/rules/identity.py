"""Who the services are on the host: one group, files that the next service may change."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import family_of
from tame_components.rules.model import Finding, Rule, Scope
from tame_components.rules.mounts import library_mounts


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_SHARED = frozenset({"002", "007"})
"""Masks that leave the group its right to write."""


def _group(container: "Container") -> str | None:
    """The group that *container* works as; None where only its image knows."""
    _, _, group = container.user.partition(":")
    return container.environment.get("PGID") or group or None


def _mask(container: "Container") -> str | None:
    """What UMASK says, in three digits; None where the image decides."""
    given = container.environment.get("UMASK", container.environment.get("UMASK_SET"))
    return given.strip("'\" ").removeprefix("0o").zfill(3)[-3:] if given else None


def _sharing(scope: Scope) -> "list[Container]":
    return [one for one in scope.containers if library_mounts(one, scope)]


def _writes_media(container: "Container", scope: Scope) -> bool:
    return any(not mount.read_only for mount in library_mounts(container, scope))


def _mixed(container: "Container", scope: Scope) -> Iterator[Finding]:
    user = container.user.partition(":")[0]
    if container.environment.get("PUID", "").strip("'\" ") == "0":
        yield "`PUID` is root's", "give the service an id of its own"
    if _mask(container) == "000":
        yield "`UMASK` lets everybody write what it makes", "set `UMASK` to `002`"
    if not scope.complete or not library_mounts(container, scope):
        return  # who agrees with whom is known at the end
    agreed = scope.once("agreed group", _agreed)
    mine = _group(container)
    if mine and agreed and mine != agreed:
        yield (
            f"it works as group `{mine}`, the others on the data tree as `{agreed}`",
            f"give it the one media group: `PGID` `{agreed}`",
        )
    if user or not _writes_media(container, scope):
        return
    many = scope.once("many users", _many_users)
    if many and container.environment.get("PUID") and _mask(container) not in _SHARED:
        yield (
            "its files belong to a user of its own, and its `UMASK` keeps the group from them",
            "set `UMASK` to `002`",
        )


def _agreed(scope: Scope) -> str | None:
    """The group that most who share the data tree work as."""
    groups = Counter(filter(None, map(_group, _sharing(scope))))
    return min(groups, key=lambda group: (-groups[group], group), default=None)


def _many_users(scope: Scope) -> bool:
    writers = [one for one in _sharing(scope) if _writes_media(one, scope)]
    return len({one.environment["PUID"] for one in writers if one.environment.get("PUID")}) > 1


def _no_mask(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not scope.complete:
        return
    one_user = container.environment.get("PUID") and not scope.once("many users", _many_users)
    if one_user and _mask(container) is None and _writes_media(container, scope):
        yield (
            "it leaves `UMASK` to its image, which keeps the group from its files",
            "set `UMASK` to `002`, before a service gets a user of its own",
        )


def _inert(container: "Container", _scope: Scope) -> Iterator[Finding]:
    family = family_of(container)
    if not family or not {"PUID", "PGID"} & container.environment.keys():
        return
    for field, said in (("user", container.user), ("read_only", container.read_only)):
        if said:
            yield (
                f"`{field}` makes {family}'s init ignore `PUID` and `PGID`",
                f"keep one of the two: `PUID` and `PGID`, or `{field}` without them",
            )


MIXED_IDS = Rule(
    id="R24",
    name="mixed-ids",
    summary="Services that share the data tree cannot change each other's files",
    why="imports fail with EACCES: the client wrote the file as somebody else (TRaSH and Servarr "
    "name one group and umask 002); as root, or with umask 000, anybody owns the library",
    example="radarr: {PGID: 1000}; qbittorrent: {PGID: 1001, UMASK: '022'}",
    instead="PGID: 13000 and UMASK: '002' in every service",
    reads=frozenset({"environment", "mounts", "user"}),
    whole_stack=True,
    check=_mixed,
)

IMAGE_UMASK = Rule(
    id="R24A",
    name="image-umask",
    summary="All services are one user, and the image decides who may change the files",
    why="it works until the first service gets a user of its own, or another group member writes",
    example="environment: {PUID: 1000, PGID: 1000}",
    instead="environment: {PUID: 1000, PGID: 1000, UMASK: '002'}",
    reads=frozenset({"environment", "mounts"}),
    whole_stack=True,
    check=_no_mask,
)

INERT_PUID = Rule(
    id="R25",
    name="inert-puid",
    summary="The image is told by two means who to be, and follows neither",
    why="with `user` or a read-only root, linuxserver's init cannot change the user: the service "
    "runs as 911 without a word (linuxserver's documentation, misc/read-only and misc/non-root)",
    example="user: '1000:1000'; environment: {PUID: 1000}",
    instead="environment: {PUID: 1000, PGID: 13000}",
    reads=frozenset({"image", "environment", "user", "read_only"}),
    adds=frozenset({"environment"}),
    check=_inert,
)

RULES = (MIXED_IDS, IMAGE_UMASK, INERT_PUID)
