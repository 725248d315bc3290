"""What is wrong with a stack and its machine: findings, worst first, each with a remedy."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tame_components.domain.base import Frozen
from tame_components.domain.errors import EngineUnreachable, HostConflicts, TameError
from tame_components.domain.topology import Topology
from tame_components.ops.engine import connect
from tame_components.ops.missing import missing
from tame_components.ops.observe import MOVED, ServiceStatus, observe
from tame_components.ops.preflight import preflight
from tame_components.ops.project import StackFile
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
    found = [*_pulumi()]
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
        for look in (_engine, _preflight, _disks, _services):
            found += look(topology, engine)
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


def _pulumi() -> Iterator[Finding]:
    program = shutil.which("pulumi")
    if program is None:
        yield Finding(
            severity=Severity.BROKEN,
            subject="pulumi",
            what="no `pulumi` on PATH",
            hint="https://www.pulumi.com/docs/install; in a clone: `. .tame/env`",
        )
        return
    try:
        done = subprocess.run(
            [program, "version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding(
            severity=Severity.BROKEN,
            subject="pulumi",
            what=f"`{program}` does not start: {error}",
            hint="install it again: https://www.pulumi.com/docs/install",
        )
        return
    what = f"{done.stdout.strip()} at `{program}`"
    yield Finding(severity=Severity.FACT, subject="pulumi", what=what)


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
    if not topology.settings.engine.startswith("unix://"):
        return
    places = {
        "data root": topology.data.root,
        "config root": topology.settings.config_root,
        "images": str(engine.info().get("DockerRootDir", "/var/lib/docker")),
    }
    for subject, path in places.items():
        existing = next(one for one in (Path(path), *Path(path).parents) if one.exists())
        disk = shutil.disk_usage(existing)
        if disk.free < _LEAST_FREE or disk.free < disk.total * _LEAST_SHARE:
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
