"""What is wrong with a stack and its machine: findings, worst first, each with a remedy."""

import shutil
import time
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tame_components.domain.base import Frozen
from tame_components.domain.errors import EngineUnreachable, HostConflicts, TameError
from tame_components.domain.topology import Topology
from tame_components.ops.engine import connect
from tame_components.ops.errors import PulumiMissing, StackBusy, StackUnreadable
from tame_components.ops.host import Host
from tame_components.ops.missing import missing
from tame_components.ops.observe import MOVED, ServiceStatus, observe
from tame_components.ops.preflight import preflight
from tame_components.ops.project import StackFile
from tame_components.ops.pulumi_cli import PulumiCli, Said
from tame_components.ops.situation import look
from tame_components.ops.symptoms import Symptom, symptoms


if TYPE_CHECKING:
    import docker

_GIB = 1024**3
_LEAST_FREE = 2 * _GIB
_LEAST_SHARE = 0.05
_OLDEST_ENGINE = (20, 10)
"""host-gateway, on which wires to a service on the host's network rest, came with 20.10."""


class Severity(IntEnum):
    """How bad a finding is; the order of the list."""

    BROKEN = 0
    """Something does not work."""
    RISK = 1
    """It works, and will not for ever."""
    FACT = 2
    """Worth knowing; nothing is wrong."""


class Finding(Frozen):
    """One thing that was found."""

    severity: Severity
    subject: str
    """A service, or a part of the machine."""
    what: str
    cause: str = ""
    """Why, as far as it is known."""
    hint: str = ""
    """What to do."""


def examine(stack: StackFile) -> tuple[Finding, ...]:
    """All that can be found out, worst first; what one check needs and lacks ends only that one."""
    found = [*_pulumi(stack.path.parent)]
    try:
        topology = stack.topology
    except TameError as error:
        return _ranked([*found, _of("settings", error)])
    found += [
        Finding(severity=Severity.BROKEN, subject=one.key, what=one.what, hint=one.command)
        for one in missing(stack)
        if not one.optional and one.kind != "host"
    ]
    try:
        engine = connect(topology.settings.engine)
        for check in (_engine, _preflight, _disks, _services):
            found += check(topology, engine)
        found += _state(stack, engine)
    except TameError as error:
        found.append(_of("engine", error))
    except OSError as error:  # docker's errors are requests' errors, which are OSErrors
        gone = EngineUnreachable(topology.settings.engine, type(error).__name__)
        found.append(_of("engine", gone))
    return _ranked(found)


def _ranked(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda one: one.severity))


def _of(subject: str, error: TameError) -> Finding:
    what = f"{error.what} [{error.code}]"
    return Finding(severity=Severity.BROKEN, subject=subject, what=what, hint=error.hint)


def _pulumi(folder: Path) -> Iterator[Finding]:
    try:
        said = PulumiCli(folder).run("version")
    except PulumiMissing as error:
        yield _of("pulumi", error)
        return
    except OSError as error:
        said = Said(1, "", str(error))
    if said.well:
        what = f"{said.out.strip()} at `{shutil.which('pulumi')}`"
        yield Finding(severity=Severity.FACT, subject="pulumi", what=what)
    else:
        yield Finding(
            severity=Severity.BROKEN,
            subject="pulumi",
            what=f"`{shutil.which('pulumi')}` does not start: {said.why}",
            hint="install it again: https://www.pulumi.com/docs/install",
        )


def _state(stack: StackFile, engine: "docker.APIClient") -> Iterator[Finding]:
    """What a killed `up` left."""
    try:
        seen = look(stack, engine)
    except PulumiMissing:
        return  # told already
    except (StackBusy, StackUnreadable) as error:
        yield _of("state", error).model_copy(update={"severity": Severity.FACT})
        return
    hint = f"`tame recover {stack.stack}`"
    broken = {
        "cannot be read": seen.complaint,
        "is locked by a Pulumi that has ended": "it was killed" if seen.locks else "",
        "has resources of which nobody knows whether they were made": ", ".join(seen.pending),
    }
    for what, cause in broken.items():
        if cause:
            yield Finding(
                severity=Severity.BROKEN, subject="state", what=what, cause=cause, hint=hint
            )
    for one in seen.leftovers:
        yield Finding(
            severity=Severity.RISK,
            subject=one.name,
            what=f"this {one.kind} has the stack's label, and Pulumi's state does not know it",
            cause=one.keep or "an `up` was killed before Pulumi could write it down",
            hint=f"`docker inspect {one.name}` says whose it is" if one.keep else hint,
        )


def _engine(_topology: Topology, engine: "docker.APIClient") -> Iterator[Finding]:
    info: dict[str, Any] = engine.info()
    version = str(info.get("ServerVersion", "0"))
    cgroup = f"cgroup v{info.get('CgroupVersion', '1')} ({info.get('CgroupDriver', 'unknown')})"
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    yield Finding(
        severity=Severity.FACT,
        subject="engine",
        what=f"Docker {version}, {cgroup}, {info['Driver']}",
    )
    if parts and parts < _OLDEST_ENGINE:
        yield Finding(
            severity=Severity.RISK,
            subject="engine",
            what=f"Docker {version} is older than 20.10",
            cause="it does not know `host-gateway`",
            hint="update the engine",
        )
    if not info.get("MemoryLimit", True):
        yield Finding(
            severity=Severity.RISK,
            subject="engine",
            what="memory limits are not enforced",
            cause="the kernel's memory controller is off",
            hint="boot with `cgroup_enable=memory`",
        )


def _preflight(topology: Topology, _engine: "docker.APIClient") -> Iterator[Finding]:
    try:
        preflight(topology)
    except HostConflicts as error:
        for line in error.what.splitlines()[1:]:
            subject, _, what = line.strip().partition(": ")
            yield Finding(
                severity=Severity.BROKEN,
                subject=subject,
                what=f"{what} [{error.code}]",
                hint=error.hint,
            )
    except TameError as error:
        yield _of("host", error)


def _disks(topology: Topology, engine: "docker.APIClient") -> Iterator[Finding]:
    host = Host(topology.settings.engine)
    places = {
        "data root": topology.data.root,
        "config root": topology.settings.config_root,
        "images": str(engine.info().get("DockerRootDir", "/var/lib/docker")),
    }
    for subject, path in places.items():
        disk = host.disk(path)
        if disk and (disk.free < _LEAST_FREE or disk.free < disk.total * _LEAST_SHARE):
            yield Finding(
                severity=Severity.RISK,
                subject=subject,
                what=f"{disk.free / _GIB:.1f} GiB of {disk.total / _GIB:.0f} are free at `{path}`",
                cause="SQLite files are damaged when a disk fills up while they are written",
                hint="make room; `docker image prune` frees what no container uses",
            )


def _services(topology: Topology, engine: "docker.APIClient") -> Iterator[Finding]:
    seen = observe(topology, engine, time.time())
    for symptom in symptoms(topology, seen, engine):
        yield _finding(symptom)
    for one in seen.services:
        if one.drift:
            yield _drifted(one, topology.stack)
    for stranger in seen.strangers:
        yield Finding(
            severity=Severity.RISK,
            subject=stranger.container,
            what="has the stack's label, and the settings do not know it",
            hint=f"`pulumi up -s {topology.stack}` removes what it made; else `docker rm`",
        )


def _finding(symptom: Symptom) -> Finding:
    return Finding(severity=Severity.BROKEN, **symptom.model_dump())


def _drifted(one: ServiceStatus, stack: str) -> Finding:
    cause, hint = "changed by hand, or the settings changed since the last `up`", ""
    if one.drift == MOVED:
        cause = "the image was built or pulled again under the same name"
        hint = f"`docker rm -f {one.container}`, then "
    return Finding(
        severity=Severity.RISK,
        subject=one.service,
        what=one.drift or "",
        cause=cause,
        hint=f"{hint}`pulumi up --refresh -s {stack}`",
    )
