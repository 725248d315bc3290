"""R30: after a crash of the engine, or of the machine, everything comes back by itself.

After a SIGKILL of an engine without live-restore, containers with `unless-stopped` stayed down;
only those with `always` came back, and what shares a VPN gateway's network failed to start
(measured).
"""

from collections.abc import Iterable, Iterator

from tame_components.domain.base import Frozen
from tame_components.domain.topology import Topology
from tame_components.probes.model import Answer, Engine, Result, Verdict, one_line


class RestartObservation(Frozen):
    """What brings containers back."""

    live_restore: bool
    """Whether containers outlive the engine (`docker info`, CIS 2.15)."""
    boot_reconcile: bool | None
    """Whether something starts the stack again after the engine's start; None: nobody knows."""
    policies: tuple[tuple[str, str], ...]
    """Service and restart policy, of those that should always run."""


def observe(
    engine: Engine, topology: Topology, *, boot_reconcile: bool | None
) -> RestartObservation:
    """Ask the engine about itself and each container."""
    policies = []
    for service in topology.services:
        expected = service.app.runs == "always" and not service.host
        found = engine.inspect(topology.container_name(service.name)) if expected else None
        if found is not None:
            host = found.get("HostConfig") or {}
            policies.append((service.name, (host.get("RestartPolicy") or {}).get("Name") or "no"))
    return RestartObservation(
        live_restore=bool(engine.info().get("LiveRestoreEnabled")),
        boot_reconcile=boot_reconcile,
        policies=tuple(policies),
    )


def judge(seen: RestartObservation) -> Result:
    """Whether a crash of the engine, and of a container, is survived."""
    verdict, evidence, hint = next(_answers(seen))
    return Result(
        rule="R30", subject="host", verdict=verdict, evidence=one_line(evidence), hint=hint
    )


def _answers(seen: RestartObservation) -> Iterator[Answer]:
    hint = 'set `"live-restore": true` in /etc/docker/daemon.json, and reload the engine'
    down = _named(name for name, policy in seen.policies if policy not in {"always", _USUAL})
    if not seen.policies:
        yield Verdict.UNDECIDABLE, "no container of the stack is there", ""
    if down:
        yield Verdict.FAILED, f"not restarted after a crash: {down}", f"set `{_USUAL}`"
    if seen.live_restore:
        yield Verdict.PROVED, "containers outlive the engine: live-restore is on", ""
    if seen.boot_reconcile:
        yield Verdict.PROVED, "the stack is started again after the engine", ""
    lost = _named(name for name, policy in seen.policies if policy == _USUAL)
    if not lost:
        yield Verdict.PROVED, "every restart policy is `always`", ""
    if seen.boot_reconcile is None:
        yield Verdict.UNDECIDABLE, f"live-restore is off; who starts {lost} again?", hint
    yield Verdict.FAILED, f"live-restore is off, and nothing starts {lost} again", hint


_USUAL = "unless-stopped"


def _named(services: Iterable[str]) -> str:
    return ", ".join(sorted(services))
