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
    if not scene.local:
        return inconclusive("the databases lie on another machine")
    wrong: list[str] = []
    missing: list[str] = []
    measured: dict[str, Any] = {}
    for service, database in wanted:
        place = Path(str(state_directory(scene.topology, service))) / database.path
        name = f"{service.name}/{database.path}"
        scene.tell(f"databases: {name}")
        if not place.exists():
            (wrong if database.tables else missing).append(f"`{name}` is not there")
            continue
        fault, measured[name] = _look(place, database)
        if fault:
            wrong.append(f"`{name}`: {fault}")
    if wrong:
        return failed("; ".join(wrong), databases=measured)
    note = f"; {len(missing)} not made yet" if missing else ""
    return passed(f"{len(measured)} databases are sound{note}", databases=measured)


def _look(place: Path, fact: Database) -> tuple[str | None, dict[str, Any]]:
    """What is wrong with the database at *place*, and what it holds."""
    before = count_rows(place, fact.path)
    try:
        with tempfile.TemporaryDirectory(prefix="tame-gate-") as folder:
            copy = Path(folder) / "copy.db"
            copy_database(place, copy)
            contents = inspect_database(copy, fact.path)
    except (Unsound, OSError) as error:
        return str(error), {}
    after = count_rows(place, fact.path)
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
