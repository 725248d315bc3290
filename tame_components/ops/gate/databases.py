"""Every database is sound: a copy of it opens, passes SQLite's check and has the same rows."""

import tempfile
from pathlib import Path
from typing import Any

from tame_components.domain.app import Database
from tame_components.domain.errors import counted
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
        for database in service.app.databases
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
        if not scene.host.has(str(place)):
            (wrong if database.tables else missing).append(f"`{name}` is not there")
            continue
        fault, measured[name] = _look(place, database, scene.host)
        if fault:
            wrong.append(f"`{name}`: {fault}")
    if wrong:
        return failed("; ".join(wrong), databases=measured)
    note = f"; {len(missing)} not made yet" if missing else ""
    return passed(
        f"{counted(len(measured), 'database')} opened, each is sound{note}", databases=measured
    )


def _copied(
    place: Path, copy: Path, fact: Database, host: Host
) -> tuple[Contents | None, Contents | None]:
    """What lay at *place* before *copy* was made, and after; None where it cannot be read."""
    if not host.here:
        before, after = copy_from(host, place, copy)
        return Contents(path=fact.path, rows=before), Contents(path=fact.path, rows=after)
    first = count_rows(place, fact.path)
    copy_database(place, copy)
    return first, count_rows(place, fact.path)


def _look(place: Path, fact: Database, host: Host) -> tuple[str | None, dict[str, Any]]:
    """What is wrong with the database at *place*, and what it holds."""
    try:
        with tempfile.TemporaryDirectory(prefix="tame-gate-") as folder:
            copy = Path(folder) / "copy.db"
            before, after = _copied(place, copy, fact, host)
            contents = inspect_database(copy, fact.path)
    except (ConnectionError, TimeoutError):
        raise  # then nothing is known of the database
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
