"""What an application keeps: it is there, it is its own, it is copied, and it is closed in time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tame_components.rules.known import (
    BACKUP_TOOLS,
    FILE_MANAGERS,
    SQLITE,
    STATE_DIRECTORIES,
    is_any,
    names_of,
)
from tame_components.rules.model import Backup, Finding, Rule, Scope, StackFinding, subject_of
from tame_components.rules.mounts import keeps_state, path, place_of


if TYPE_CHECKING:
    from tame_components.domain.container import Container, Mount


_ENOUGH_SECONDS = 60
_STOP_LABEL = "docker-volume-backup.stop-during-backup"
"""offen/docker-volume-backup stops what carries it (its README)."""


def _expected(container: "Container") -> tuple[str, ...]:
    """Where the application keeps its state, by the table; empty where nobody knows."""
    found = (STATE_DIRECTORIES[name] for name in names_of(container) if name in STATE_DIRECTORIES)
    return next(found, ())


def _state_mounts(container: "Container") -> "list[Mount]":
    expected = {path(one) for one in _expected(container)}
    return [one for one in container.mounts if path(one.target) in expected or keeps_state(one)]


def _missing(container: "Container", _scope: Scope) -> Iterator[Finding]:
    expected = _expected(container)
    if not expected:
        return
    kept = [one for one in container.mounts if path(one.target) in set(map(path, expected))]
    named = " or ".join(f"`{one}`" for one in expected)
    if any(one in container.tmpfs for one in expected):
        yield f"{named} is in memory: it is gone with the container", f"mount {named}"
    elif not kept:
        yield f"nothing is mounted at {named}, where it keeps its state", f"mount {named}"
    elif any(not one.source for one in kept):
        yield (
            f"{named} is a volume without a name, which is lost when the container is replaced",
            "name the volume, or mount a directory",
        )


def _key(mount: "Mount") -> str:
    """The same text for the same place, whoever mounts it."""
    place = place_of(mount)
    return str(path(place)) if place else f"volume {mount.source}"


def _shared(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not scope.complete or not _owns_state(container):
        return
    hint = "give each its own, or mount it read-only in the one that only reads"
    writers = scope.once("writers of state", _writers)
    for mine in _written(container):
        for other, theirs in writers[container.host, _key(mine)]:
            if other.name != container.name:
                yield (
                    f"`{mine.target}` is what `{subject_of(other)}` writes too: `{theirs.source}`",
                    hint,
                )


def _writers(scope: Scope) -> "Mapping[tuple[str, str], list[tuple[Container, Mount]]]":
    """Who writes each place of each machine."""
    found: defaultdict[tuple[str, str], list[tuple[Container, Mount]]] = defaultdict(list)
    for container in scope.containers:
        if _owns_state(container):
            for mount in _written(container):
                found[container.host, _key(mount)].append((container, mount))
    return found


def _owns_state(container: "Container") -> bool:
    """Whether *container* writes state of its own; others are there to look after all of it."""
    return not is_any(container, BACKUP_TOOLS | FILE_MANAGERS)


def _written(container: "Container") -> "list[Mount]":
    return [one for one in _state_mounts(container) if not one.read_only and one.source]


def _hurried(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if is_any(container, SQLITE) and container.stop_grace < _ENOUGH_SECONDS:
        yield (
            f"it is killed {container.stop_grace} seconds after the stop signal",
            "give it 120 seconds: `stop_grace_period: 2m`, `stop_timeout=120`",
        )


def _not_backed_up(scope: Scope) -> Iterator[StackFinding]:
    for container in scope.containers:
        mounts = [one for one in _state_mounts(container) if not one.read_only]
        stateful = _expected(container) or (container.app and mounts)
        if not stateful or not _owns_state(container):
            continue
        who = subject_of(container)
        match _backup_of(container, mounts, scope):
            case None:
                yield who, "no backup job copies what it keeps", _way_to_copies(container)
            case Backup.LIVE if is_any(container, SQLITE):
                yield (
                    who,
                    "its SQLite files are copied while it writes",
                    f"stop it meanwhile (`{_STOP_LABEL}: true`), or copy through SQLite's API",
                )


def _way_to_copies(container: "Container") -> str:
    if container.host:
        return f"the settings' `backup` does not reach `{container.host}`: run a backup tool there"
    return "add `backup` to the settings"


def _backup_of(container: "Container", mounts: "list[Mount]", scope: Scope) -> Backup | None:
    """How *container* is backed up; without a plan of the stack, what its backup tool mounts."""
    if scope.backups is not None and subject_of(container) in scope.backups:
        return scope.backups[subject_of(container)]
    for tool in scope.containers:
        if tool.host != container.host or not is_any(tool, BACKUP_TOOLS):
            continue
        if any(_covers(tool, mount) for mount in mounts):
            offen = is_any(tool, frozenset({"docker-volume-backup"}))
            stops = container.labels.get(_STOP_LABEL, "").lower() not in {"", "false"}
            return Backup.LIVE if offen and not stops else Backup.STOPPED
    return None


def _covers(tool: "Container", mount: "Mount") -> bool:
    place = _key(mount)
    keys = [_key(one) for one in tool.mounts if not one.target.endswith("docker.sock")]
    return any(place == key or path(place).is_relative_to(key) for key in keys)


MISSING_STATE = Rule(
    id="R10",
    name="missing-state",
    summary="An application keeps its databases inside its container",
    why="the next version of the image starts with an empty library",
    example="volumes: [/srv/data:/data]  # radarr",
    instead="volumes: [/srv/data:/data, /srv/config/radarr:/config]",
    reads=frozenset({"image", "mounts", "tmpfs"}),
    check=_missing,
)

SHARED_STATE = Rule(
    id="R10A",
    name="shared-state",
    summary="Two containers write one state directory",
    why="each takes the other's files for its own: SQLite's locks do not help programs that "
    "replace files",
    example="volumes: [/srv/config/radarr:/config]  # radarr and radarr-4k",
    instead="volumes: [/srv/config/radarr-4k:/config]  # radarr-4k",
    reads=frozenset({"image", "mounts"}),
    whole_stack=True,
    check=_shared,
)

SHORT_STOP_GRACE = Rule(
    id="R32",
    name="short-stop-grace",
    summary="An application with SQLite files is killed before it has closed them",
    why="Docker's default is 10 seconds; a kill in the middle of a write is the blueprint's own "
    "cause of corruption",
    example="no `stop_grace_period`",
    instead="stop_grace_period: 2m",
    reads=frozenset({"image", "stop_grace"}),
    check=_hurried,
)

NOT_BACKED_UP = Rule(
    id="R34",
    name="not-backed-up",
    summary="Nobody copies what an application keeps, or only while it writes",
    why="15 of 15 slow copies of a live SQLite file were corrupt (measured): a backup that was "
    "taken live is luck",
    example="no `tame:backup`; docker-volume-backup without a stop label",
    instead="tame:backup: {tool: tame, repository: /mnt/backups}",
    reads=frozenset({"image", "mounts", "labels"}),
    check_stack=_not_backed_up,
)

RULES = (MISSING_STATE, SHARED_STATE, SHORT_STOP_GRACE, NOT_BACKED_UP)
