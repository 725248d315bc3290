"""One state directory copied to where the new stack expects it, and checked before it counts.

The old one is only read. A copy counts when every entry has the type, size, mode, owner and
content of the old one; then a mark is put into it, after which nothing here touches it again.
"""

import json
import posixpath
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tame_components.domain.base import Frozen
from tame_components.domain.evidence import now
from tame_components.ops.adopt import archives
from tame_components.ops.adopt.archives import Keeper, Tree, put_text, read_tree
from tame_components.ops.adopt.errors import AdoptionStopped, CopyDiffers, StateInTheWay
from tame_components.ops.adopt.model import ADOPTED, Move
from tame_components.ops.adopt.reach import new_state, old_state
from tame_components.ops.snapshots.sqlite import (
    SIDECARS,
    SUFFIXES,
    Unsound,
    copy_database,
    inspect_database,
    is_database,
)


if TYPE_CHECKING:
    import docker


_TOLD = 3
"""Paths that a message names."""
_DIRECTORY = "5"


class Copied(Frozen):
    """What a checked copy holds."""

    files: int
    databases: int
    """SQLite files that passed SQLite's own check."""
    rows: int
    """In all their tables."""
    unsound: tuple[str, ...] = ()
    """SQLite files that are damaged, in the old place as in the new one."""
    before: bool = False
    """Whether an earlier run had done it."""

    @property
    def words(self) -> str:
        """For a person."""
        if self.before:
            return "copied by an earlier run; left as it is"
        told = f"{self.files} files, {self.databases} databases with {self.rows} rows"
        broken = f"; damaged in the old place too: {', '.join(self.unsound)}"
        return f"copied and checked: {told}{broken if self.unsound else ''}"


def carry(move: Move, engine: "docker.APIClient") -> Copied:
    """Copy the state of *move*, unless an earlier run did; go on where one was interrupted.

    Raises:
        StateInTheWay: the target holds something else.
        CopyDiffers: what was written is not what was read.
        AdoptionStopped: the state is not where it was said to be.
    """
    with (
        old_state(move, engine) as source,
        new_state(move, posixpath.basename(source[1]), engine) as target,
    ):
        before = read_tree(engine, *target) or {}
        if ADOPTED in before:
            return Copied(files=0, databases=0, rows=0, before=True)
        wanted = read_tree(engine, *source)
        if wanted is None:
            raise AdoptionStopped(_step(move), f"{move.state.words} is not there")
        _refuse_other(move, before, wanted)
        if _differing(before, wanted):
            archives.copy(engine, source, (target[0], posixpath.dirname(target[1])))
        copied = _checked(move, wanted, target, engine)
        put_text(engine, *target, ADOPTED, _mark(move))
    return copied


def _step(move: Move) -> str:
    return f"copy the state of `{move.service}`"


def _refuse_other(move: Move, before: Tree, wanted: Tree) -> None:
    """A half-made copy has nothing of its own, and at most the file that was being written."""
    extra = sorted({*before} - {*wanted})
    if extra:
        raise StateInTheWay(move.target, move.state.words, f"it also has {_listed(extra)}")
    differing = [
        path
        for path in _differing(before, wanted)
        if path in before and before[path].kind != _DIRECTORY
    ]
    if len(differing) > 1:
        raise StateInTheWay(move.target, move.state.words, f"{_listed(differing)} differ")


def _differing(one: Tree, other: Tree) -> list[str]:
    return sorted(path for path in {*one, *other} if one.get(path) != other.get(path))


def _listed(paths: list[str]) -> str:
    told = ", ".join(f"`{path or '.'}`" for path in paths[:_TOLD])
    more = len(paths) - _TOLD
    return f"{told} and {more} more" if more > 0 else told


def _checked(
    move: Move, wanted: Tree, target: tuple[str, str], engine: "docker.APIClient"
) -> Copied:
    with tempfile.TemporaryDirectory(prefix="tame-adopt-") as scratch:
        suffixes = (*SUFFIXES, *(f"{end}{beside}" for end in SUFFIXES for beside in SIDECARS))
        found = read_tree(engine, *target, keep=Keeper(Path(scratch, "kept"), suffixes)) or {}
        if differing := _differing(found, wanted):
            raise CopyDiffers(move.target, move.state.words, _listed(differing))
        files = sum(entry.kind != _DIRECTORY for entry in found.values())
        return _databases(Path(scratch), files)


def _databases(scratch: Path, files: int) -> Copied:
    """Check every SQLite file of what was kept; with its log, as its application reads it."""
    kept = scratch / "kept"
    rows = sound = 0
    unsound = []
    for place in sorted(kept.rglob("*")):
        if not place.is_file() or not is_database(place):
            continue
        name, whole = str(place.relative_to(kept)), scratch / "one.db"
        whole.unlink(missing_ok=True)
        try:
            copy_database(place, whole)
            rows += sum(inspect_database(whole, name).rows.values())
            sound += 1
        except Unsound:
            unsound.append(name)
    return Copied(files=files, databases=sound, rows=rows, unsound=tuple(unsound))


def _mark(move: Move) -> str:
    return json.dumps({"from": move.state.words, "at": now()}) + "\n"
