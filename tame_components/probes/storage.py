"""R09: what an application keeps lies on a file system on which SQLite works."""

from tame_components.domain.base import Frozen
from tame_components.domain.file_systems import NETWORK_TYPES, kind_of
from tame_components.domain.mounting import state_directory
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.probes.model import NOT_STARTED, Engine, Result, Verdict, one_line


MAGIC = {0x6969: "NFS", 0xFF534D42: "CIFS", 0xFE534D42: "SMB2", 0x65735546: "FUSE"}
"""statfs(2) `f_type` of file systems on which locks or the write-ahead log fail
(sqlite.org/wal.html; the Servarr FAQ on mergerfs)."""

_SHARED_KINDS = frozenset({*NETWORK_TYPES, "virtiofs"})
"""The kernel's names of the same; a probe doubts everything that begins `fuse`, too."""


class StorageObservation(Frozen):
    """What a state directory lies on."""

    service: str
    directory: str
    """Inside the container."""
    magic: str | None = None
    """statfs' type in hexadecimal digits, as the container sees it; None: it could not be asked."""
    kind: str | None = None
    """The kernel's name of it, as the host sees it; None: it was not asked."""
    why_not: str = ""
    """Why *magic* is None."""


def observe(
    engine: Engine, topology: Topology, service: Service, host_mounts: str | None = None
) -> StorageObservation | None:
    """Ask inside the container, and in the host's own table; None: *service* keeps nothing.

    Args:
        engine: of the stack.
        topology: the stack.
        service: of the stack.
        host_mounts: `/proc/self/mountinfo` of the engine's host, where that can be read.
    """
    state, place = service.app.state, state_directory(topology, service)
    if state is None or place is None:
        return None
    command = ("sh", "-c", 'exec stat -f -c %t "$1"', "probe", state.directory)
    ran = engine.run(topology.container_name(service.name), command)
    magic, why_not = None, "it does not run"
    if ran is not None:
        answered = ran.code == 0 and ran.output.strip().isalnum()
        magic = ran.output.strip() if answered else None
        why_not = "it has no `stat`" if ran.code in NOT_STARTED else ran.output
    kind = None if host_mounts is None else kind_of(place, host_mounts)
    return StorageObservation(
        service=service.name,
        directory=state.directory,
        magic=magic,
        kind=kind,
        why_not="" if magic else why_not,
    )


def judge(seen: StorageObservation) -> Result:
    """Whether the directory is local; two answers must not contradict each other."""
    remote = _remote(seen)
    if remote:
        verdict, evidence = Verdict.FAILED, f"{seen.directory} is on {remote}"
    elif seen.magic or seen.kind:
        told = [f"type 0x{seen.magic}"] if seen.magic else []
        told += [seen.kind] if seen.kind else []
        verdict, evidence = Verdict.PROVED, f"{seen.directory} is local: {', '.join(told)}"
    else:
        verdict, evidence = Verdict.UNDECIDABLE, f"{seen.directory}: {seen.why_not}"
    hint = "put it on a local disk; a backup job copies it to the share" if remote else ""
    return Result(
        rule="R09", subject=seen.service, verdict=verdict, evidence=one_line(evidence), hint=hint
    )


def _remote(seen: StorageObservation) -> str | None:
    if seen.magic:
        try:
            number = int(seen.magic, 16)
        except ValueError:
            number = 0
        if number in MAGIC:
            return MAGIC[number]
    if seen.kind and (seen.kind in _SHARED_KINDS or seen.kind.startswith("fuse")):
        return seen.kind
    return None
