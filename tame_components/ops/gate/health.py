"""Every service stays healthy for a while, and none of them is restarted meanwhile."""

import time
from dataclasses import dataclass
from typing import Any

from tame_components.domain.analysis import Counts, Threshold, Verdict
from tame_components.domain.errors import EngineUnreachable, counted
from tame_components.domain.lifecycle import State
from tame_components.ops.gate.listening import listeners
from tame_components.ops.gate.model import Check, Finding, Scene, failed, inconclusive, passed
from tame_components.ops.observe import containers_of, label, state_of


_SLOWEST = 5.0
"""Seconds between two samples, at most."""
_SAMPLES = 12
_THRESHOLD = Threshold(least=2, unreadable=2)


def _soak(scene: Scene) -> Finding:
    before = _lives(scene)
    counts, worst = _sample(scene)
    after = _lives(scene)
    moved = [
        f"`{service}` {how}"
        for service in sorted(set(before) | set(after))
        if (how := _difference(before.get(service), after.get(service)))
    ]
    measured: dict[str, Any] = {
        "soak_seconds": scene.soak,
        "threshold": _THRESHOLD.model_dump(),
        "services": {name: one.model_dump() for name, one in counts.items()},
        "restarts": {name: one.restarts for name, one in after.items()},
    }
    verdicts = {name: one.judged_by(_THRESHOLD) for name, one in counts.items()}
    sick = [f"`{name}` was {worst[name]}" for name, v in verdicts.items() if v is Verdict.FAILED]
    if sick or moved:
        return failed("; ".join([*sick, *moved]), **measured)
    doubtful = [name for name, v in verdicts.items() if v is Verdict.INCONCLUSIVE]
    if doubtful:
        return inconclusive(f"too few samples of {', '.join(doubtful)}", **measured)
    count = len(counts)
    return passed(
        f"{counted(count, 'service')} healthy for {scene.soak} s, none restarted", **measured
    )


def _sample(scene: Scene) -> tuple[dict[str, Counts], dict[str, str]]:
    """How often each service was seen well, and the worst that was seen of it."""
    names = [service.name for service in scene.lasting]
    tally = {name: [0, 0, 0] for name in names}
    worst: dict[str, str] = {}
    begun = time.monotonic()
    pause = min(_SLOWEST, scene.soak / _SAMPLES)
    taken = 0
    while taken < _THRESHOLD.least or time.monotonic() - begun < scene.soak:
        states = _states(scene)
        for name in names:
            state = states.get(name, State.MISSING) if states is not None else None
            tally[name][2 if state is None else state is not State.HEALTHY] += 1
            if state not in {None, State.HEALTHY}:
                worst[name] = str(state)
        taken += 1
        left = scene.soak - (time.monotonic() - begun)
        scene.tell(f"soak: {max(0, left):.0f} s left, {taken} samples")
        time.sleep(max(0.0, min(pause, left)))
    return {
        name: Counts(good=good, bad=bad, unreadable=unreadable)
        for name, (good, bad, unreadable) in tally.items()
    }, worst


def _states(scene: Scene) -> dict[str, State] | None:
    """The state of each service; None where the engine did not answer."""
    try:
        listed = containers_of(scene.topology, scene.engine)
    except EngineUnreachable:
        return None
    return {label(one, "tame.service"): state_of(one) for one in listed}


@dataclass(frozen=True)
class _Life:
    """One life of one container."""

    container: str
    restarts: int
    started: str
    sockets: frozenset[int]
    """What its application listens on."""


def _lives(scene: Scene) -> dict[str, _Life]:
    """Which life of which container each service is in."""
    ports = {
        service.name: {port.number for port in service.app.ports if port.protocol == "tcp"}
        for service in scene.lasting
    }
    seen = {
        service: scene.engine.inspect_container(one["Id"])
        for one in containers_of(scene.topology, scene.engine)
        if (service := label(one, "tame.service")) in ports
    }
    pids = {service: int(one["State"].get("Pid") or 0) for service, one in seen.items()}
    asked = {pid: ports[service] for service, pid in pids.items() if pid}
    sockets = listeners(asked, scene.host)
    return {
        service: _Life(
            container=one["Id"],
            restarts=one["RestartCount"],
            started=one["State"]["StartedAt"],
            sockets=sockets.get(pids[service], frozenset()),
        )
        for service, one in seen.items()
    }


def _difference(before: _Life | None, after: _Life | None) -> str:
    """What happened to a service between two looks; empty: nothing."""
    if before is None or after is None:
        return "came" if after else "went"
    if before.container != after.container:
        return "was replaced"
    if (before.restarts, before.started) != (after.restarts, after.started):
        return "was restarted"
    if before.sockets and before.sockets.isdisjoint(after.sockets):
        return "was restarted inside its container"
    return ""


CHECK = Check("soak", "every service healthy, none restarted", _soak)
