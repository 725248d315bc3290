"""All probes of a stack, one after the other."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from tame_components.domain.topology import Topology
from tame_components.probes import backups, hardlink, health, restart, storage
from tame_components.probes.model import Engine, Result


@dataclass(frozen=True, slots=True)
class Probe:
    """What one family of probes asks, for people."""

    rule: str
    """The doctrine's number."""
    asks: str
    why: str


PROBES = (
    Probe(
        "R07",
        "Is a link from download to library a link, and a move no copy, inside each importer?",
        "two mounts of one file system look the same from outside, and links fail between them",
    ),
    Probe(
        "R09",
        "Which file system does each state directory lie on, as the container sees it?",
        "a directory may be a mount point that no settings file names",
    ),
    Probe(
        "R29",
        "Does the engine run the planned health check, and what did the application say last?",
        "a provider may report a changed check that it never applied",
    ),
    Probe(
        "R30",
        "Does everything come back after a crash of the engine?",
        "`unless-stopped` does not survive the engine's own crash without live-restore",
    ),
    Probe(
        "R34",
        "Is the last backup as recent as promised, and when was it last restored?",
        "a copy that was never restored is a hope",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """What is known beside the engine."""

    now: dt.datetime
    """Aware of its time zone."""
    mounts: str | None = None
    """`/proc/self/mountinfo` of the engine's host; None: it cannot be read from here."""
    boot_reconcile: bool | None = None
    """Whether something starts the stack again after the engine's start."""
    records: tuple[backups.BackupRecord, ...] = ()
    """Backups and drills that were written down."""


def prove(
    engine: Engine, topology: Topology, host: Host, *, links: bool = True
) -> Iterator[Result]:
    """Ask everything, service by service; each result as soon as it is known.

    Only services of the stack's own engine are asked; those of its other hosts have one of theirs.
    Without *links* no importer is asked to link files (R07): the caller proves that otherwise.
    """
    for service in topology.services:
        if service.host:
            continue
        if links and service.app.importer:
            yield hardlink.judge(hardlink.observe(engine, topology, service))
        kept = storage.observe(engine, topology, service, host.mounts)
        if kept is not None and service.app.runs == "always":
            yield storage.judge(kept)
        yield health.judge(health.observe(engine, topology, service))
        copies = backups.observe(service, topology.settings.backup, host.records, host.now)
        yield backups.judge(copies)
    yield restart.judge(restart.observe(engine, topology, boot_reconcile=host.boot_reconcile))
