"""R29: the engine really asks each application whether it works, and asks what the plan says.

The official provider announces a changed health check as an update in place and changes nothing on
the container (measured): only the engine knows which check runs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tame_components.domain.base import Frozen
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.probes.model import Answer, Engine, Result, Verdict, one_line


class HealthObservation(Frozen):
    """What the engine says about one service's health."""

    service: str
    on_demand: bool = False
    planned: tuple[str, ...] = ()
    """The check that the catalog asks for; empty: the image's own."""
    exists: bool = True
    running: bool = True
    test: tuple[str, ...] = ()
    """The check that the engine runs; empty: none."""
    status: str = ""
    """`starting`, `healthy`, `unhealthy`; empty: the engine asks nobody."""
    streak: int = 0
    """How many times in a row it has failed."""
    last: str = ""
    """What the last check printed."""


def observe(engine: Engine, topology: Topology, service: Service) -> HealthObservation:
    """The engine's own record of *service*."""
    probe = service.app.probe
    planned = probe.test if probe else ()
    base = HealthObservation(service=service.name, on_demand=probe is None, planned=planned)
    found = engine.inspect(topology.container_name(service.name))
    if found is None:
        return base.model_copy(update={"exists": False, "running": False})
    return base.model_copy(update=_recorded(found))


def _recorded(found: Mapping[str, Any]) -> dict[str, object]:
    state = found.get("State") or {}
    health = state.get("Health") or {}
    log = health.get("Log") or ()
    check = (found.get("Config") or {}).get("Healthcheck") or {}
    return {
        "running": bool(state.get("Running")),
        "test": tuple(check.get("Test") or ()),
        "status": str(health.get("Status") or "").replace("none", ""),
        "streak": int(health.get("FailingStreak") or 0),
        "last": str(log[-1].get("Output") or "") if log else "",
    }


def judge(seen: HealthObservation) -> Result:
    """Whether the engine asks the planned question, and what it was last told."""
    verdict, evidence, hint = next(_answers(seen))
    return Result(
        rule="R29", subject=seen.service, verdict=verdict, evidence=one_line(evidence), hint=hint
    )


def _answers(seen: HealthObservation) -> Iterator[Answer]:
    if seen.on_demand:
        yield Verdict.NOT_APPLICABLE, "it runs on demand", ""
    if not seen.exists or not seen.running:
        yield Verdict.UNDECIDABLE, "it does not run", "start it and ask again"
    if not seen.status or seen.test[:1] == ("NONE",):
        yield Verdict.FAILED, "the engine asks nobody whether it works", _AGAIN
    if seen.planned and seen.planned != seen.test:
        other = " ".join(seen.test)
        yield Verdict.FAILED, f"the engine asks something else than planned: {other}", _AGAIN
    match seen.status:
        case "healthy":
            yield Verdict.PROVED, f"healthy: {' '.join(seen.test)}", ""
        case "unhealthy":
            said = f"it failed {seen.streak} times in a row: {seen.last}"
            yield Verdict.FAILED, said, "look at its log: `docker logs`"
    yield Verdict.UNDECIDABLE, f"it is {seen.status}", "ask again when it has started"


_AGAIN = "replace the container: its health check cannot change in place"
