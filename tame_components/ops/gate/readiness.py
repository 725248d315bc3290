"""The blueprint's readiness checklist (blueprint 000, table 3), row by row.

A row is decided by the doctrine's rules over what the stack asks for, by what the engine says, and
by the checks before it. A row that only a person or a later verb can decide says so.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import PurePosixPath

from tame_components.domain.analysis import Verdict
from tame_components.domain.app import DataAccess, Kind
from tame_components.domain.errors import counted
from tame_components.domain.file_systems import NETWORK_TYPES, kind_of
from tame_components.domain.paths import DATA
from tame_components.domain.rendering import container_of
from tame_components.domain.settings import Environment
from tame_components.ops.gate.model import (
    Check,
    Finding,
    Scene,
    failed,
    inconclusive,
    not_applicable,
    passed,
)
from tame_components.rules import RULES, Level, judge, scope_of


def _broken(scene: Scene, *rules: str) -> list[str]:
    """The offences against *rules* that the doctrine forbids here, exempted ones left out."""
    containers = [container_of(scene.topology, one) for one in scene.topology.services]
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    scope = scope_of(scene.topology, containers, today=today)
    wanted = [RULES[name] for name in rules if name in RULES]
    return [
        f"`{violation.subject}`: {violation.message}"
        for container in containers
        for violation in judge(container, scope, wanted).at(Level.MANDATORY)
    ]


def _by_rules(scene: Scene, good: str, *rules: str) -> Finding:
    broken = _broken(scene, *rules)
    known = [name for name in rules if name in RULES]
    return failed("; ".join(broken), rules=known) if broken else passed(good, rules=known)


def _data(scene: Scene) -> Finding:
    """As the engine has it, not only as it was asked: one tree, whole, at one place."""
    root, wrong, count = str(PurePosixPath(scene.topology.data.root)), [], 0
    for service in scene.lasting:
        if service.app.data is DataAccess.NONE or service.name not in scene.containers:
            continue
        count += 1
        mounts = scene.containers[service.name].get("Mounts") or ()
        seen = {str(one.get("Destination")): str(one.get("Source")) for one in mounts}
        below = [path for path in seen if path.startswith(f"{DATA}/")]
        if seen.get(DATA) != root or below:
            wrong.append(f"`{service.name}` sees {', '.join([seen.get(DATA, 'nothing'), *below])}")
    wrong += _broken(scene, "split-data-tree", "crooked-data-path")
    if wrong:
        return failed("; ".join(wrong), root=root)
    return passed(
        f"{counted(count, 'service')} asked, each sees `{root}` at `{DATA}`",
        root=root,
        services=count,
    )


def _config(scene: Scene) -> Finding:
    broken = _broken(scene, "config-on-network-share")
    if broken:
        return failed("; ".join(broken))
    root = scene.topology.settings.config_root
    kind = kind_of(root, scene.host.mounts() or "")
    if kind is None:
        why = scene.host.beyond or "its host does not tell its mounts"
        return inconclusive(f"nobody knows what `{root}` lies on: {why}")
    wrong = kind in NETWORK_TYPES
    return failed(f"`{root}` lies on `{kind}`") if wrong else passed(f"`{root}` is local")


def _bridge(scene: Scene) -> Finding:
    ours = {network.name for network in scene.topology.networks}
    wrong = []
    for service in scene.lasting:
        container = scene.containers.get(service.name, {})
        mode = str((container.get("HostConfig") or {}).get("NetworkMode", ""))
        seen = set((container.get("NetworkSettings") or {}).get("Networks") or {})
        free = service.host_network or mode.startswith("container:")
        if not free and (not seen or seen - ours):
            wrong.append(f"`{service.name}` is on {', '.join(sorted(seen - ours)) or 'none'}")
    if wrong:
        return failed("; ".join(wrong), networks=sorted(ours))
    return passed(f"every service is on {', '.join(sorted(ours))}", networks=sorted(ours))


def _wires(scene: Scene) -> Finding:
    """A wire's URL is derived from who can meet whom; a literal one in a variable may differ."""
    names = {service.name for service in scene.topology.services}
    wires = scene.topology.wires
    outside = [
        f"`{wire.source}` calls `{wire.url}`"
        for wire in wires
        if (host := wire.url.rpartition("//")[2].partition(":")[0]) not in names
        and host not in {"localhost", "host.docker.internal"}
        and scene.topology.service(wire.source).host == scene.topology.service(wire.target).host
    ]
    outside += _broken(scene, "roundabout-url")
    if outside:
        return failed("; ".join(outside), wires=len(wires))
    return passed(
        f"{counted(len(wires), 'wire')} looked at, each uses names of the stack", wires=len(wires)
    )


def _exposed(scene: Scene) -> Finding:
    seen = scene.results.get("exposure")
    if seen is None:
        return inconclusive("the check `exposure` did not run")
    broken = _broken(scene, "exposed-operator-ui", "unbound-port", "host-network")
    if broken or seen.verdict is Verdict.FAILED:
        return failed(
            "; ".join([*broken, *([seen.said] if seen.verdict is Verdict.FAILED else [])])
        )
    if seen.verdict is Verdict.INCONCLUSIVE:
        return inconclusive(seen.said)
    return passed("only the user plane is published")


def _gpu(scene: Scene) -> Finding:
    if scene.topology.settings.gpu is None:
        return not_applicable("the stack has no GPU")
    return inconclusive("whether the GPU decodes and encodes is not measured yet")


def _backup(scene: Scene) -> Finding:
    if scene.topology.settings.backup is None:
        return failed("the stack has no `backup`")
    return inconclusive("that a snapshot restores is shown by `tame restore`, not here yet")


def _observed(scene: Scene) -> Finding:
    wanted = {"uptime-kuma": "uptime monitoring", "dozzle": "log viewing"}
    present = {service.app.name for service in scene.lasting}
    lacking = [what for app, what in sorted(wanted.items()) if app not in present]
    return failed(f"no {' and no '.join(lacking)}") if lacking else passed("Uptime Kuma and Dozzle")


def _validated(scene: Scene) -> Finding:
    if scene.topology.settings.environment is Environment.PROD:
        return not_applicable("this is prod: what it runs was validated in its sandbox")
    agent = any(service.app.kind is Kind.AGENT for service in scene.topology.services)
    results = scene.results.values()
    bad = [one.name for one in results if one.required and one.verdict is Verdict.FAILED]
    if bad:
        return failed(f"the sandbox failed {', '.join(bad)}", agent=agent)
    return passed("pipeline and program ran in this sandbox before promotion", agent=agent)


def _pins(scene: Scene) -> Finding:
    rules = ("floating-image-tag", "image-without-digest", "automatic-updater")
    return _by_rules(scene, "every image is pinned to a full version", *rules)


def _secrets(scene: Scene) -> Finding:
    return _by_rules(scene, "no secret stands in plain text", "literal-secret")


def _row(name: str, title: str, run: Callable[[Scene], Finding], *, required: bool = True) -> Check:
    return Check(f"ready-{name}", f"checklist: {title}", run, required)


CHECKS = (
    _row("data", "one data tree at one path", _data),
    _row("config", "config on a local file system", _config),
    _row("bridge", "a bridge of the stack's own", _bridge),
    _row("names", "services call each other by name", _wires),
    _row("exposure", "only user-facing UIs are exposed", _exposed),
    _row("pins", "images are pinned", _pins),
    _row("gpu", "the GPU is verified", _gpu, required=False),
    _row("backup", "backups, and a restore of one", _backup, required=False),
    _row("watched", "uptime and logs are watched", _observed, required=False),
    _row("secrets", "secrets are managed", _secrets),
    _row("sandbox", "validated in a sandbox", _validated),
)
"""In the checklist's order. What only advises is what TAME cannot yet decide, or leaves to you."""
