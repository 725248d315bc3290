"""A stack with real files and real databases, on an engine that only remembers who runs."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tame_components.domain.backup import Retention
from tame_components.domain.topology import Topology
from tame_components.ops.snapshots.catalogue import FILE, Entry
from tame_components.ops.snapshots.core import Snapshots
from tame_components.ops.snapshots.errors import RepositoryRefused
from tame_components.ops.snapshots.repository import Progress, Saved
from tests.harness.stacks import only
from tests.ops.answers import container, image_id


PASSWORD = "password of the tests"  # noqa: S105 - of repositories that the tests make


class Engine:
    """A Docker engine: containers that are started and stopped, and nothing more."""

    def __init__(self, topology: Topology, *running: str) -> None:
        self.topology = topology
        self.running = {topology.container_name(name) for name in running}
        self.images_of: dict[str, str] = {}
        """Service -> another reference than its pin."""
        self.missing: set[str] = set()
        self.unwell: Callable[[], bool] = lambda: False
        self.calls: list[tuple[str, str]] = []

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - docker's word
        """All of the stack's that are not missing."""
        assert all
        assert filters
        return [self._entry(one.name) for one in self.topology.services]

    def _entry(self, name: str) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if name in self.images_of:
            changes["Image"] = self.images_of[name]
        if self.topology.container_name(name) not in self.running:
            changes |= {"State": "exited", "Status": "Exited (0) 1 second ago"}
        return container(self.topology, name, **changes)

    def images(self) -> list[dict[str, Any]]:
        """Pins, pulled."""
        return [
            {"Id": image_id(str(one.image)), "RepoDigests": [f"{one.image.repository}@sha256:0"]}
            for one in self.topology.services
        ]

    def inspect_container(self, container: str) -> dict[str, Any]:
        """Healthy while it runs, unless told otherwise."""
        if container not in self.running:
            return {"State": {"Status": "exited", "ExitCode": 1}}
        health = "unhealthy" if self.unwell() else "healthy"
        return {"State": {"Status": "running", "Health": {"Status": health}}}

    def stop(self, container: str, timeout: int) -> None:
        """At once."""
        assert timeout > 0
        self.calls.append(("stop", container))
        self.running.discard(container)

    def start(self, container: str) -> None:
        """At once."""
        self.calls.append(("start", container))
        self.running.add(container)


class Stage:
    """Radarr and Sonarr, in a directory of their own."""

    def __init__(self, root: Path, *running: str, **settings: Any) -> None:
        self.root = root
        wanted = {"wait_timeout": 5, **settings}
        self.topology = only("radarr", "sonarr", config_root=str(root / "config"), **wanted)
        for name in ("radarr", "sonarr"):
            fill(self.state(name), name)
        self.engine = Engine(self.topology, *running)
        self.said: list[str] = []

    def state(self, service: str) -> Path:
        """The state directory."""
        return self.root / "config" / service

    @property
    def snapshots(self) -> Snapshots:
        """What is tested."""
        return Snapshots(self.topology, lambda: self.engine, lambda: PASSWORD, say=self.said.append)

    def database(self, service: str) -> Path:
        """The main one."""
        return self.state(service) / f"{service}.db"


def table_of(service: str) -> str:
    """Where titles are kept."""
    return {"radarr": "Movies", "sonarr": "Series"}[service]


def fill(state: Path, service: str, rows: int = 300) -> None:
    """Databases in WAL mode, a settings file, and what a snapshot should leave out."""
    state.mkdir(parents=True)
    with closing(sqlite3.connect(state / f"{service}.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(f"CREATE TABLE {table_of(service)} (Id INTEGER PRIMARY KEY, Title TEXT)")
        database.execute("CREATE TABLE Config (Id INTEGER PRIMARY KEY, Value TEXT)")
    add_rows(state / f"{service}.db", table_of(service), rows)
    with closing(sqlite3.connect(state / "logs.db", isolation_level=None)) as logs:
        logs.execute("CREATE TABLE Logs (Id INTEGER PRIMARY KEY, Message TEXT)")
    (state / "config.xml").write_text("<Config><Port>1</Port></Config>")
    (state / "config.xml").chmod(0o640)
    (state / "Backups").mkdir()
    (state / "Backups" / "note.txt").write_text("kept")


def add_rows(database: Path, table: str, rows: int) -> None:
    """Rows that were committed."""
    with closing(sqlite3.connect(database)) as one, one:
        one.executemany(
            f"INSERT INTO {table} (Title) VALUES (?)",  # noqa: S608 - a name of the tests
            [(f"title {number}",) for number in range(rows)],
        )


def count(database: Path, table: str) -> int:
    """Rows of *table* now."""
    with closing(sqlite3.connect(database)) as one:
        (found,) = one.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - same
        return int(found)


def contents(root: Path) -> dict[str, bytes]:
    """Every file below *root*, by relative path."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


class Shelf:
    """A repository without restic: for what happens around it, many times."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def ensure(self) -> None:
        """There is nothing to make."""

    def unlock(self) -> None:
        """Nobody locks."""

    def check(self) -> None:
        """All is well."""

    def thin_out(self, keep: Retention) -> None:
        """There is room."""
        assert keep.daily

    def save(self, folder: Path, tags: Sequence[str], progress: Progress) -> Saved:
        """A copy."""
        progress(1.0)
        number = f"{len(list(self.folder.iterdir())):08}"
        shutil.copytree(folder, self.folder / number, symlinks=True)
        (self.folder / number / "tags").write_text(json.dumps(tags))
        return Saved(id=number, added=0)

    def entries(self) -> tuple[Entry, ...]:
        """In the order of their making."""
        found = []
        for folder in sorted(self.folder.iterdir()):
            tags = json.loads((folder / "tags").read_text())
            listed = {"id": folder.name, "time": "2026-11-21T12:00:00Z", "tags": tags}
            found.append(Entry.read(listed))
        return tuple(one for one in found if one)

    def record(self, snapshot: str) -> bytes:
        """As it was saved; what restic does not know, it refuses."""
        try:
            return (self.folder / snapshot / FILE).read_bytes()
        except FileNotFoundError:
            raise RepositoryRefused(str(self.folder), "dump", "no matching ID found") from None

    def restore(self, snapshot: str, folder: Path) -> None:
        """A copy."""
        shutil.copytree(self.folder / snapshot, folder, symlinks=True)
