"""Every database is sound: a copy of it opens, passes SQLite's check and has the same rows."""

import tempfile
from pathlib import Path
from typing import Any

from tame_components.domain.app import Database
from tame_components.domain.rendering import state_directory
from tame_components.ops.gate.model import (
    Check,
    Finding,
    Scene,
    failed,
    inconclusive,
    not_applicable,
    passed,
)
from tame_components.ops.gate.namespaces import copy_from
from tame_components.ops.host import Host
from tame_components.ops.snapshots.sqlite import (
    Contents,
    Unsound,
    copy_database,
    count_rows,
    inspect_database,
)


def _databases(scene: Scene) -> Finding:
    wanted = [
        (service, database)
        for service in scene.topology.services
        if not service.host
        for database in (service.app.state.databases if service.app.state else ())
    ]
    if not wanted:
        return not_applicable("no service keeps a database")
    if not scene.local and scene.blind:
        return inconclusive(f"the databases lie on another machine: {scene.blind}")
    wrong: list[str] = []
    missing: list[str] = []
    measured: dict[str, Any] = {}
    for service, database in wanted:
        place = Path(str(state_directory(scene.topology, service))) / database.path
        name = f"{service.name}/{database.path}"
        scene.tell(f"databases: {name}")
        if not _is_there(scene, place):
            (wrong if database.tables else missing).append(f"`{name}` is not there")
            continue
        fault, measured[name] = _look(place, database, scene.host)
        if fault:
            wrong.append(f"`{name}`: {fault}")
    if wrong:
        return failed("; ".join(wrong), databases=measured)
    note = f"; {len(missing)} not made yet" if missing else ""
    return passed(f"{len(measured)} databases are sound{note}", databases=measured)


def _is_there(scene: Scene, place: Path) -> bool:
    return (
        place.exists() if scene.local else not scene.host.run("test", "-e", str(place)).returncode
    )


def _copies(place: Path, folder: Path, host: Host) -> tuple[Path, Path, Path]:
    """Files to count before, to inspect, and to count after; here the first is the last too."""
    copy = folder / "copy.db"
    if host.here:
        copy_database(place, copy)
        return place, copy, place
    others = folder / "before.db", folder / "after.db"
    for target in (others[0], copy, others[1]):
        target.write_bytes(copy_from(host, place))
    return others[0], copy, others[1]


def _look(place: Path, fact: Database, host: Host) -> tuple[str | None, dict[str, Any]]:
    """What is wrong with the database at *place*, and what it holds."""
    before = count_rows(place, fact.path) if host.here else None
    try:
        with tempfile.TemporaryDirectory(prefix="tame-gate-") as folder:
            first, copy, last = _copies(place, Path(folder), host)
            contents = inspect_database(copy, fact.path)
            before = before or count_rows(first, fact.path)
            after = count_rows(last, fact.path)
    except (Unsound, OSError) as error:
        return str(error), {}
    rows = {table: contents.rows.get(table, 0) for table in fact.tables} or contents.rows
    measured = {"rows": rows, "tables": len(contents.rows), "check": contents.check}
    lacking = sorted(set(fact.tables) - set(contents.rows))
    if lacking:
        return f"it lacks {', '.join(lacking)}", measured
    if before is None or after is None:
        return "it cannot be read where it lies", measured
    lost = [table for table in contents.rows if not _between(table, before, contents, after)]
    return (f"the copy has other rows in {', '.join(sorted(lost))}" if lost else None), measured


def _between(table: str, before: Contents, copy: Contents, after: Contents) -> bool:
    """The application may write meanwhile, so the copy may hold any count between the two."""
    counts = (before.rows.get(table, 0), after.rows.get(table, 0))
    return min(counts) <= copy.rows[table] <= max(counts)


CHECK = Check("databases", "every database is sound and can be copied whole", _databases)
