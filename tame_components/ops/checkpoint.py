"""The files in which Pulumi's file backend keeps a stack: how they break, and how they are mended.

Source: pulumi/pulumi, pkg/backend/diy (state.go, lock.go): `.pulumi/stacks/<project>/<stack>.json`,
`.bak` beside it, locks below `.pulumi/locks/organization`; gocloud.dev, blob/fileblob: `.attrs`.
Every other backend stores whole objects, and is left alone.
"""

import gzip
import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tame_components.domain.base import Frozen


_FILE = "file://"
_PROC = Path("/proc")


class Damage(StrEnum):
    """What is wrong with the files of a stack."""

    INDEX = "index"
    """The file of attributes is half written; Pulumi says "EOF" and does not need it."""
    CHECKPOINT = "checkpoint"
    """The checkpoint is missing or half written; the one before it is whole."""
    BOTH = "both"
    """Neither the checkpoint nor the one before it is whole."""


class Lock(Frozen):
    """Who said that it works on the stack."""

    pid: int
    user: str
    host: str
    since: str

    @property
    def here(self) -> bool:
        """Whether its process is, or was, one of this machine's."""
        return self.host in {"", socket.gethostname()}

    @property
    def alive(self) -> bool:
        """Whether its process still works; always False for another machine's."""
        return self.here and _runs_pulumi(self.pid)


@dataclass(frozen=True)
class Files:
    """Where one stack is kept."""

    checkpoint: Path
    """`<stack>.json`, or `<stack>.json.gz`."""
    locks_folder: Path

    @property
    def backup(self) -> Path:
        """The checkpoint before."""
        return self.checkpoint.with_name(f"{self.checkpoint.name}.bak")

    @property
    def index(self) -> Path:
        """The checkpoint's attributes."""
        return self.checkpoint.with_name(f"{self.checkpoint.name}.attrs")

    @property
    def damage(self) -> Damage | None:
        """What can be seen to be wrong; None also where there is nothing of the stack."""
        if contents(self.checkpoint) is not None:
            half = self.index.exists() and contents(self.index) is None
            return Damage.INDEX if half else None
        if contents(self.backup) is not None:
            return Damage.CHECKPOINT
        return Damage.BOTH if self.checkpoint.exists() or self.index.exists() else None

    @property
    def believed(self) -> Mapping[str, Any]:
        """The checkpoint that Pulumi will read once the damage is mended; empty: none is left."""
        return contents(self.checkpoint) or contents(self.backup) or {}

    @property
    def locks(self) -> tuple[Lock, ...]:
        """Every lock of the stack, whether its process lives or not."""
        found = sorted(self.locks_folder.glob("*.json"))
        return tuple(_lock(contents(file) or {}) for file in found)

    def drop_index(self) -> None:
        """Remove the attributes: Pulumi reads the checkpoint without them."""
        self.index.unlink(missing_ok=True)

    def put_back(self) -> None:
        """Make the checkpoint before the one that counts; the broken one stays as `.broken`."""
        new = self.checkpoint.with_name(f"{self.checkpoint.name}.new")
        shutil.copy(self.backup, new)  # with its mode; the backup stays, so no power cut matters
        self._set_aside()
        new.replace(self.checkpoint)

    def clear(self) -> None:
        """Leave nothing that Pulumi takes for the stack; the broken files stay as `.broken`."""
        self._set_aside()
        for file in (self.backup, self.backup.with_name(f"{self.backup.name}.attrs")):
            file.unlink(missing_ok=True)

    def _set_aside(self) -> None:
        self.drop_index()
        if self.checkpoint.exists():
            self.checkpoint.replace(self.checkpoint.with_name(f"{self.checkpoint.name}.broken"))


def files_of(backend: str, root: Path, project: str, stack: str) -> Files | None:
    """Where *backend* keeps *stack* of *project*; None where it is no file backend.

    Args:
        backend: its URL, as `pulumi whoami` tells it, e.g. `file://~`.
        root: the project's directory, which a relative URL starts from.
        project: the name in Pulumi.yaml.
        stack: the stack's plain name.
    """
    if not backend.startswith(_FILE):
        return None
    place = unquote(backend.removeprefix(_FILE).partition("?")[0])
    state = (root / Path(place).expanduser()) / ".pulumi"
    plain, packed = (state / "stacks" / project / f"{stack}.json{end}" for end in ("", ".gz"))
    uses_packed = any(packed.parent.glob(f"{packed.name}*")) and not plain.exists()
    return Files(
        checkpoint=packed if uses_packed else plain,
        locks_folder=state / "locks" / "organization" / project / stack,
    )


def contents(file: Path) -> dict[str, Any] | None:
    """The JSON object in *file*; None where it is not there or not whole."""
    try:
        raw = file.read_bytes()
        found = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    except (OSError, EOFError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _lock(found: Mapping[str, Any]) -> Lock:
    return Lock(
        pid=int(found.get("pid", 0)),
        user=str(found.get("username", "")),
        host=str(found.get("hostname", "")),
        since=str(found.get("timestamp", "")),
    )


def _runs_pulumi(pid: int) -> bool:
    """Whether *pid* is a Pulumi of this machine; its number alone may belong to somebody new."""
    if pid <= 0:
        return False
    if _PROC.is_dir() and (_PROC / "self").exists():
        return _program(pid).startswith("pulumi")
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _program(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


_READ_ONLY = frozenset({"preview", "stack", "whoami", "config", "about", "version", "logs", "help"})


def workers(root: Path, stack: str) -> Iterator[int]:
    """Processes of Pulumi that change a stack of the project in *root*, as far as can be told.

    Needs /proc. A command line that names another stack than *stack* is passed over.
    """
    for folder in _PROC.glob("[0-9]*") if _PROC.is_dir() else ():
        pid = int(folder.name)
        if _program(pid) != "pulumi":
            continue
        try:
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            inside = (folder / "cwd").resolve() == root.resolve()
        except OSError:
            continue
        if inside and not _READ_ONLY & set(words) and _named(words) in {None, stack}:
            yield pid


def _named(words: list[str]) -> str | None:
    """The stack that a command line names; None where it names none."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in {"-s", "--stack"}:
            return following.rpartition("/")[2]
        if word.startswith("--stack="):
            return word.partition("=")[2].rpartition("/")[2]
    return None
