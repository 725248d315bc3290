"""Back to the release from before: its databases, its images, proved, and the new one held."""

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any, NoReturn

import yaml

from tame_components.domain.analysis import Verdict
from tame_components.domain.errors import TameError
from tame_components.domain.mounting import state_directory
from tame_components.domain.topology import Topology
from tame_components.ops.deployer import Outcome
from tame_components.ops.errors import CannotWrite
from tame_components.ops.gate import databases, health, running
from tame_components.ops.project import Project, StackFile
from tame_components.ops.promote.errors import PromotionUndone, RollbackFailed
from tame_components.ops.promote.phases import Journal, Phase
from tame_components.ops.promote.places import Held
from tame_components.ops.promote.stage import Stage, now
from tame_components.ops.snapshots.catalogue import Snapshot
from tame_components.ops.snapshots.sqlite import count_rows


_CHECKS = (*(one for one in running.CHECKS if one.name == "pinned"), health.CHECK, databases.CHECK)


def undo(stage: Stage, journal: Journal, reason: str) -> NoReturn:
    """Take a promotion back, from wherever it stopped; running it again goes on.

    Raises:
        PromotionUndone: always, where it is done.
        RollbackFailed: neither release is proved to run; the journal keeps the rest.
    """
    journal = journal.to(Phase.UNDOING, reason)
    with contextlib.suppress(CannotWrite):  # a full disk may be why; whoever resumes comes here too
        stage.places.write(journal)
    if journal.previous is None:
        stage.places.finish()
        raise RollbackFailed(journal.stack, f"it was empty before ({journal.reason})")
    stage.tell(f"undoing {journal.release}: {journal.reason}")
    old = _settings(stage, journal.previous)
    try:
        saved = _restore(stage, journal, old.topology)
        stage.deployer.up(settings=_pardoned(stage, old, journal), listener=stage.hear)
        wrong = _wrong(stage, old.topology, saved)
    except (TameError, OSError) as error:
        wrong = [error.what if isinstance(error, TameError) else str(error)]
    incident = {
        "time": now(),
        "stack": journal.stack,
        "release": journal.release,
        "previous": journal.previous,
        "reason": journal.reason,
        "snapshots": journal.snapshots,
        "rolled_back": not wrong,
        "wrong": wrong,
    }
    stage.places.incident(incident)
    if wrong:
        raise RollbackFailed(journal.stack, "; ".join(wrong))
    if journal.hold:
        stage.places.hold(Held(release=journal.release, why=journal.reason, since=now()))
    stage.places.finish()
    raise PromotionUndone(journal.stack, journal.release, journal.reason, journal.previous)


def _settings(stage: Stage, release: str) -> StackFile:
    """The settings that *release* was deployed with."""
    folder = stage.places.settings_of(release).parent
    return Project(folder).stack_file(stage.stack.stack)


def _restore(stage: Stage, journal: Journal, topology: Topology) -> list[Snapshot]:
    """Give every touched service the state that it had before the new release saw it."""
    if not journal.snapshots:
        return []
    snapshots = stage.snapshots(topology)
    found = []
    for service, name in journal.snapshots.items():
        snapshot = snapshots.find(service, name)
        # It stands still until the old image is back: the new one would migrate it again.
        snapshots.restore(service, snapshot, start=False, force=True)
        found.append(snapshot)
    return found


def _pardoned(stage: Stage, old: StackFile, journal: Journal) -> Path:
    """The old settings, allowed to run although the sandbox proves the next release by now."""
    content: dict[str, Any] = yaml.safe_load(old.path.read_text("utf-8"))
    config = content.get("config") or {}
    evidence = config.get("tame:evidence")
    if isinstance(evidence, dict) and evidence.get("required"):
        tomorrow = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1)
        evidence["break_glass"] = {
            "owner": "tame promote",
            "reason": f"rollback from {journal.release}: {old.path.parent.name} was proved before",
            "expires": tomorrow.isoformat(),
        }
    place = stage.places.root / "undo" / old.path.name
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return place


def _wrong(stage: Stage, topology: Topology, saved: list[Snapshot]) -> list[str]:
    """What speaks against the old release being back: health, images, databases, rows."""
    scene = stage.scene(topology, Outcome("preview"), soak=0)
    findings = {check.name: check.run(scene) for check in _CHECKS}
    wrong = [
        f"{name}: {one.said}"
        for name, one in findings.items()
        if one.verdict in {Verdict.FAILED, Verdict.INCONCLUSIVE}
    ]
    for snapshot in saved:
        wrong += _lost(topology, snapshot)
    return wrong


def _lost(topology: Topology, snapshot: Snapshot) -> list[str]:
    """Rows that the snapshot had, and the service has not."""
    record, lost = snapshot.record, []
    state = topology.service(record.service).app.state
    named = {one.path: one.tables for one in state.databases} if state else {}
    folder = Path(state_directory(topology, topology.service(record.service)) or "")
    for database, rows in record.rows.items():
        seen = count_rows(folder / database, database)
        for table in named.get(database, ()):
            now_there = seen.rows.get(table, 0) if seen else 0
            if now_there < rows.get(table, 0):
                lost.append(
                    f"`{record.service}/{database}` has {now_there} of {rows[table]} {table}"
                )
    return lost
