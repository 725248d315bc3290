"""From a topology and what its engine shows to a plan."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from tame_components.domain.backup import Retention
from tame_components.domain.backup_plan import excludes_of
from tame_components.domain.mounting import state_directory
from tame_components.domain.rendering import owner_of
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.snapshots.catalogue import Snapshot
from tame_components.ops.snapshots.containers import Seen
from tame_components.ops.snapshots.errors import NothingToSnapshot, VersionDiffers
from tame_components.ops.snapshots.plan import (
    BackupPlan,
    Loss,
    Pause,
    RestorePlan,
    ServiceBackup,
    Step,
    Verb,
    version_of,
)
from tame_components.ops.snapshots.sqlite import Contents


_STILL = "its files must hold still while they are copied"


def repository_of(topology: Topology) -> str:
    """Where the snapshots of the stack are kept: a directory of its own.

    Two stacks have two passwords, so they cannot share one repository.
    """
    backup = topology.settings.backup
    root = backup.repository if backup else f"{topology.settings.config_root}/.backups"
    return str(PurePosixPath(root) / topology.stack)


def left_out(topology: Topology, service: Service) -> str:
    """Why *service* cannot be snapshotted; empty: it can."""
    if service.host:
        return f"its files lie on `{service.host}`"
    if not service.app.keeps:
        return "what it keeps is a cache" if service.app.state else "it keeps nothing"
    if not Path(state_directory(topology, service) or "").is_dir():
        return "its state directory is not there yet"
    return ""


def plan_backup(
    topology: Topology, seen: Mapping[str, Seen], services: Sequence[str] = (), why: str = ""
) -> BackupPlan:
    """How *services* are snapshotted; by default all that keep something.

    Raises:
        UnknownService: the stack lacks one of them.
        NothingToSnapshot: one of them keeps nothing.
    """
    reasons = {one.name: left_out(topology, one) for one in topology.services}
    for name in services:
        topology.service(name, asked_by="tame backup")
        if reasons[name]:
            raise NothingToSnapshot(name, reasons[name], (n for n, r in reasons.items() if not r))
    wanted = [one for one in topology.services if not services or one.name in services]
    repository = repository_of(topology)
    return BackupPlan(
        stack=topology.stack,
        repository=repository,
        why=why,
        services=tuple(
            _service_backup(topology, one, seen) for one in wanted if not reasons[one.name]
        ),
        skipped={one.name: reasons[one.name] for one in wanted if reasons[one.name]},
        upkeep=(
            Step(verb=Verb.THIN_OUT, what=repository, cause=_retention(topology)),
            Step(verb=Verb.CHECK, what=repository, cause="whether it holds together"),
        ),
    )


def _retention(topology: Topology) -> str:
    keep = retention_of(topology)
    return f"keeps {keep.daily} daily, {keep.weekly} weekly, {keep.monthly} monthly"


def retention_of(topology: Topology) -> Retention:
    """How many snapshots are kept."""
    backup = topology.settings.backup
    return backup.keep if backup else Retention()


def _service_backup(
    topology: Topology, service: Service, seen: Mapping[str, Seen]
) -> ServiceBackup:
    container = seen.get(service.name)
    return ServiceBackup(
        service=service.name,
        app=service.app.name,
        state=state_directory(topology, service) or "",
        excludes=excludes_of(topology, service),
        databases=tuple(one.path for one in service.app.databases),
        image=container.image if container else str(service.image),
        image_id=container.image_id if container else "",
        digest=container.digest if container else None,
        pauses=tuple(_pauses(topology, service, seen)),
    )


def _pauses(topology: Topology, service: Service, seen: Mapping[str, Seen]) -> Iterator[Pause]:
    """A gateway takes its members' network along, so they stop first and start after it."""
    members = topology.members(service.name)
    causes = {one.name: f"it has no network while `{service.name}` stands still" for one in members}
    for one in (*members, service):
        container = seen.get(one.name)
        if container is not None and container.runs:
            yield Pause(
                service=one.name,
                container=container.name,
                grace=one.app.stop_grace,
                cause=causes.get(one.name, _STILL),
            )


def plan_restore(
    topology: Topology,
    seen: Mapping[str, Seen],
    snapshot: Snapshot,
    present: Sequence[Contents | None],
    *,
    quarantine: str,
    start: bool = True,
    force: bool = False,
) -> RestorePlan:
    """How the service of *snapshot* gets that state back.

    Args:
        topology: of the stack.
        seen: its containers.
        snapshot: with its record.
        present: the databases as they are now, in the record's order; None: unreadable.
        quarantine: where the present state goes.
        start: whether the service runs afterwards.
        force: also where another version made the snapshot.

    Raises:
        UnknownService: the stack lacks the service.
        VersionDiffers: another version of the application made the snapshot.
    """
    record = snapshot.record
    service = topology.service(record.service, asked_by="the snapshot")
    container = seen.get(service.name)
    now = container.image if container else str(service.image)
    if version_of(now) != version_of(record.image) and not force:
        raise VersionDiffers(service.name, record.image, now)
    return RestorePlan(
        stack=topology.stack,
        service=service.name,
        snapshot=snapshot,
        state=state_directory(topology, service) or "",
        excludes=excludes_of(topology, service),
        quarantine=quarantine,
        container=container.name if container else None,
        runs=container is not None and container.runs,
        start=start and container is not None and service.app.runs == "always",
        grace=service.app.stop_grace,
        wait=topology.settings.wait_timeout,
        owner=owner_of(topology, service),
        version_then=version_of(record.image),
        version_now=version_of(now),
        losses=tuple(_losses(service, record.databases, present)),
    )


def _losses(
    service: Service, then: Sequence[Contents], present: Sequence[Contents | None]
) -> Iterator[Loss]:
    """The tables that the catalog names, and every other one that would shrink."""
    named = {one.path: one.tables for one in service.app.databases}
    for saved, current in zip(then, present, strict=True):
        for table in dict.fromkeys((*named.get(saved.path, ()), *saved.rows)):
            now = current.rows.get(table) if current else None
            rows = saved.rows.get(table)
            shrinks = now is not None and rows is not None and now > rows
            if rows is not None and (table in named.get(saved.path, ()) or shrinks):
                yield Loss(database=saved.path, table=table, now=now, then=rows)
