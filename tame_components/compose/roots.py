"""Where a Compose stack keeps its media and its state, as one tree and one root."""

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tame_components.compose.carried import STATE, Notes, Settings
from tame_components.compose.services import Read
from tame_components.compose.volumes import Mounted
from tame_components.domain.app import App, DataAccess
from tame_components.domain.paths import DATA


DEFAULT_DATA = "/srv/data"
DEFAULT_CONFIG = "/srv/appconfig"
_TRASH = frozenset({"torrents", "usenet"})
_ELSEWHERE = ("/etc/", "/var/run/", "/run/", "/dev/", "/sys/", "/proc/", "/tmp/")  # noqa: S108


@dataclass(frozen=True, slots=True)
class StateMount:
    """Where a service keeps its state now."""

    service: str
    mount: Mounted
    source: str
    """A path on the host; a volume's name where it is a volume."""


def absolute(source: str, directory: Path) -> str:
    """A bind's source on the host."""
    if source.startswith("~"):
        return str(Path(source).expanduser())
    return posixpath.normpath(posixpath.join(str(directory.absolute()), source))


_USUAL = ("/config", "/app/config")
"""Where builders of images put the state: linuxserver and hotio; sct/overseerr and its heirs."""


def state_of(read: Read, app: App, directory: Path) -> StateMount | None:
    """The mount that holds the state of *app* in *read*."""
    wanted = {app.state.directory} if app.state else set()
    for mount in read.mounts:
        if mount.target in {*wanted, *_USUAL} and app.state:
            known = mount.kind == "bind" and not mount.unknown
            source = absolute(mount.source, directory) if known else mount.source
            return StateMount(read.name, mount, source)
    return None


def media_of(read: Read, app: App) -> list[Mounted]:
    """The mounts that show a part of the library or of the downloads."""
    if app.data is DataAccess.NONE:
        return []
    state = {app.state.directory, *_USUAL} if app.state else {*_USUAL}
    return [
        one
        for one in read.mounts
        if one.target not in state
        and one.kind in {"bind", "volume"}
        and not one.target.startswith(_ELSEWHERE)
        and not any(one.target.startswith(f"{place}/") for place in state)
    ]


def data_tree(
    services: Mapping[str, tuple[Read, App]], directory: Path, config: str, notes: Notes
) -> Settings:
    """`tame:data`: the one root, and what becomes of the paths inside."""
    found = [(read.name, one) for read, app in services.values() for one in media_of(read, app)]
    known = [one for _, one in found if one.kind == "bind" and not one.unknown]
    root = _common([absolute(one.source, directory) for one in known], known, directory)
    if root is not None and f"{config}/".startswith(f"{root}/"):
        notes.ask("tame:data.root", f"`{root}` holds state too: give downloads and library a place")
        root = None
    unset = sorted({name for _, one in found for name in one.unknown})
    if root is None:
        root = DEFAULT_DATA
        why = f"`{', '.join(unset)}` is not set" if unset else "no one directory holds it all"
        notes.ask("tame:data.root", f"{why}: name the one directory above downloads and library")
    elif unset:
        notes.ask("tame:data.root", f"check `{root}`: `{', '.join(unset)}` is not set")
    for service, one in found:
        _moved(service, one, root, directory, notes)
    below = {_below(absolute(one.source, directory), root)[:1] for one in known}
    layout = {"layout": "trash"} if any(first and first[0] in _TRASH for first in below) else {}
    notes.ask("tame:data.root", f"mark it once: `touch {root}/.tame-data-root`")
    return {"root": root, **layout}


def _common(sources: list[str], mounts: list[Mounted], directory: Path) -> str | None:
    whole = [absolute(one.source, directory) for one in mounts if one.target == DATA]
    if whole:
        first = Counter(whole).most_common(1)[0][0]
        if all(_below(source, first) or source == first for source in sources):
            return first
    if not sources:
        return None
    shared = posixpath.commonpath(sources)
    return None if shared in {"/", "/mnt", "/home", "/media", "/srv"} else shared


def _below(path: str, root: str) -> tuple[str, ...]:
    """The parts of *path* below *root*; empty where it is not below."""
    if not path.startswith(f"{root.rstrip('/')}/"):
        return ()
    return tuple(path.removeprefix(root).strip("/").split("/"))


def _moved(service: str, one: Mounted, root: str, directory: Path, notes: Notes) -> None:
    source = one.source if one.unknown or one.kind != "bind" else absolute(one.source, directory)
    inside = posixpath.join(DATA, *_below(source, root))
    if source == root and one.target == DATA:
        return
    if source == root or _below(source, root):
        if inside != one.target:
            notes.ask(
                f"{service}: {one.target}", f"in the application's settings it is now `{inside}`"
            )
    else:
        notes.lose(service, f"{one.source}:{one.target}", f"it is not below the data root `{root}`")


def config_root(states: Iterable[StateMount], notes: Notes) -> str:
    """`tame:config_root`: the directory that most services' state lies in, one below it each."""
    binds = [one for one in states if one.mount.kind == "bind" and not one.mount.unknown]
    parents = Counter(
        posixpath.dirname(one.source)
        for one in binds
        if posixpath.basename(one.source) == one.service
    )
    for root, count in parents.most_common(1):
        if root != "/" and (count > 1 or count == len(binds)):
            return root
    notes.ask("tame:config_root", f"`{DEFAULT_CONFIG}` stands there: a directory on a local disk")
    return DEFAULT_CONFIG


def tell_moves(states: Mapping[str, StateMount], config: str, notes: Notes) -> None:
    """Say whose state does not lie where the new stack looks: it would start empty."""
    for name, one in states.items():
        target = posixpath.join(config, name)
        if one.mount.kind == "bind" and one.source == target:
            continue
        kind = "the volume " if one.mount.kind == "volume" else ""
        where = f"{kind}`{one.source}`" if one.source else "a volume without a name"
        notes.ask(
            f"{name}{STATE}",
            f"it lies in {where} and belongs into `{target}`: `--adopt` copies it; until then the "
            "service would start empty",
        )
