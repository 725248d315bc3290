"""Giving a stack a recorded release back: its databases, its images, and the proof of both.

The automatic rollback and `tame rollback` do it alike.
"""

import contextlib
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tame_components.domain.analysis import Verdict
from tame_components.domain.evidence import Evidence
from tame_components.domain.mounting import state_directory
from tame_components.domain.release import same_image
from tame_components.domain.topology import Topology
from tame_components.ops import stack_yaml
from tame_components.ops.deployer import Outcome
from tame_components.ops.gate import databases, health, running
from tame_components.ops.gate.run import examine
from tame_components.ops.project import Project, StackFile
from tame_components.ops.promote.errors import NoWayBack
from tame_components.ops.promote.places import Record
from tame_components.ops.promote.stage import Stage
from tame_components.ops.snapshots.catalogue import Snapshot
from tame_components.ops.snapshots.containers import look, start_again, wait_until_well
from tame_components.ops.snapshots.sqlite import count_rows


_CHECKS = (*(one for one in running.CHECKS if one.name == "pinned"), health.CHECK, databases.CHECK)


@dataclass(frozen=True)
class Target:
    """A release to come back to."""

    record: Record
    file: StackFile
    """The settings it was deployed with, fit to be deployed again today."""

    @property
    def topology(self) -> Topology:
        """What it runs.

        Raises:
            TameError: the programs of today do not know these settings.
        """
        return self.file.topology


def target(stage: Stage, release: str, why: str) -> Target:
    """The recorded *release*, with its settings beside the journal.

    Args:
        stage: the stack.
        release: its id.
        why: it comes back; stands in the settings, where evidence is demanded.

    Raises:
        NoWayBack: the record or its settings are lost.
    """
    record = stage.places.record(release)
    kept = stage.places.settings_of(release)
    if record is None or not kept.is_file():
        lost = "record" if record is None else "settings"
        raise NoWayBack(stage.stack.stack, f"the {lost} of release `{release}` are lost")
    content: dict[str, Any] = stack_yaml.read(kept.read_text("utf-8"))
    config = content.setdefault("config", {})
    _pin(config, record.asked)
    _pardon(config, why)
    folder = stage.places.root / "undo" / release
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / kept.name
    place.write_text(stack_yaml.text(content), "utf-8")
    return Target(record=record, file=Project(folder).stack_file(stage.stack.stack))


def _pin(config: dict[str, Any], images: Mapping[str, str]) -> None:
    """The images by name: what the lock and the catalog say may be another release's by now."""
    services = config.get("tame:services")
    if isinstance(services, str):  # as `pulumi config set` writes it
        services = config["tame:services"] = json.loads(services)
    for name, image in images.items():
        if isinstance(services, dict) and name in services:
            services[name] = {**(services[name] or {}), "image": image}


def _pardon(config: dict[str, Any], why: str) -> None:
    """Leave to run although the sandbox proves the next release by now, for a day."""
    evidence = config.get("tame:evidence")
    if isinstance(evidence, str):
        evidence = config["tame:evidence"] = json.loads(evidence)
    if isinstance(evidence, dict) and evidence.get("required"):
        tomorrow = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1)
        evidence["break_glass"] = {
            "owner": "tame promote",
            "reason": why,
            "expires": tomorrow.isoformat(),
        }


def restore(stage: Stage, snapshots: Mapping[str, str], topology: Topology) -> list[Snapshot]:
    """Give each service the state of its snapshot; it stands still afterwards.

    Only the image that made a state may see it: the other one would migrate it.
    """
    if not snapshots:
        return []
    source = stage.snapshots(topology)
    found = []
    for service, name in snapshots.items():
        snapshot = source.find(service, name)
        source.restore(service, snapshot, start=False, force=True)
        found.append(snapshot)
    return found


def deploy(stage: Stage, goal: Target) -> None:
    """`up` to *goal*; then start what stands still although nothing of it had to be changed."""
    stage.deployer.up(settings=goal.file.path, listener=stage.hear)
    wake(stage, goal.topology)


def wake(stage: Stage, topology: Topology) -> None:
    """Start the services that stand still, and wait for them; the proof says who does not run.

    A service that was restored under its own container is nothing that `up` would change.
    """
    lasting = {one.name for one in topology.services if one.app.runs == "always" and not one.host}
    still = [
        one.name
        for service, one in look(topology, stage.engine).items()
        if service in lasting and not one.runs
    ]
    if not still:
        return
    stage.tell(f"starting {', '.join(still)}")
    failed = start_again(stage.engine, still)
    for name in still:
        if name not in failed:
            with contextlib.suppress(OSError):
                wait_until_well(stage.engine, name, topology.settings.wait_timeout)


def proof(stage: Stage, goal: Target, saved: list[Snapshot]) -> tuple[list[str], Evidence, Path]:
    """What speaks against *goal* being back, the evidence, and its file.

    Health, images by digest, databases, and the rows that the snapshots had.
    """
    scene = stage.scene(goal.topology, Outcome("preview"), soak=0)
    evidence = examine(scene, lambda _: None, _CHECKS)
    wrong = [
        f"{one.name}: {one.said}"
        for one in evidence.checks
        if one.verdict in {Verdict.FAILED, Verdict.INCONCLUSIVE}
    ]
    runs, ran = evidence.release.images, goal.record.release.images
    wrong += [
        f"`{service}` runs `{runs.get(service)}`, not `{ran.get(service)}`"
        for service in goal.file.settings.services  # the others' images are the catalog's
        if not same_image(runs.get(service, ""), ran.get(service, ""))
    ]
    for snapshot in saved:
        wrong += _lost(goal.topology, snapshot)
    return wrong, evidence, stage.keep(evidence)


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
