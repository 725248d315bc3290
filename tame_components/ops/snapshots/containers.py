"""The stack's containers as snapshots see and move them: by name, through four calls."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from tame_components.domain.base import Frozen
from tame_components.domain.errors import EngineUnreachable
from tame_components.domain.lifecycle import State
from tame_components.domain.topology import Topology
from tame_components.ops.engine import refusal
from tame_components.ops.observe import containers_of, label, name_of, state_of


RUNS = frozenset({State.STARTING, State.HEALTHY, State.UNHEALTHY, State.RUNNING, State.RESTARTING})
_PAUSE = 0.2
_TRIES = 30
"""Times to start a container that must come back; with the pauses about 30 seconds."""
_MISSING = 404


class Engine(Protocol):
    """The part of docker.APIClient that is used here."""

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - docker's word
        """Docker's `GET /containers/json`."""
        ...

    def images(self) -> list[dict[str, Any]]:
        """Docker's `GET /images/json`."""
        ...

    def inspect_container(self, container: str) -> dict[str, Any]:
        """Docker's `GET /containers/NAME/json`."""
        ...

    def stop(self, container: str, timeout: int) -> None:
        """Docker's `POST /containers/NAME/stop`; returns when it has stopped."""
        ...

    def start(self, container: str) -> None:
        """Docker's `POST /containers/NAME/start`; one that runs stays as it is."""
        ...


class Seen(Frozen):
    """The container of one service."""

    name: str
    runs: bool
    image: str
    """The reference it was made from."""
    image_id: str
    digest: str | None
    """`repository@sha256:...`, where a registry gave it."""


def look(topology: Topology, engine: Engine) -> dict[str, Seen]:
    """The containers of the stack, by service; two list calls.

    Raises:
        EngineUnreachable: the engine went away.
    """
    containers = containers_of(topology, engine)
    try:
        digests = {one["Id"]: (one.get("RepoDigests") or [None])[0] for one in engine.images()}
    except OSError as error:
        raise EngineUnreachable(topology.settings.engine, type(error).__name__) from error
    pins = {service.name: str(service.image) for service in topology.services}
    return {
        service: Seen(
            name=name_of(one),
            runs=state_of(one) in RUNS,
            image=_reference(str(one.get("Image", "")), pins.get(service, "")),
            image_id=str(one.get("ImageID", "")),
            digest=digests.get(one.get("ImageID")),
        )
        for one in containers
        if (service := label(one, "tame.service"))
    }


def _reference(given: str, pin: str) -> str:
    """Docker gives a bare id as soon as the tag has moved to another image."""
    return given if ":" in given and not given.startswith("sha256:") else pin


def start_again(engine: Engine, containers: Iterable[str]) -> dict[str, str]:
    """Start *containers* in this order, patiently; why each that stays down does.

    One that was removed meanwhile is nobody's debt.
    """
    failed = {}
    for container in containers:
        why = _start(engine, container)
        if why:
            failed[container] = why
    return failed


def _start(engine: Engine, container: str) -> str:
    """Why *container* does not start; empty: it runs."""
    why = ""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(1.0)
        try:
            engine.start(container)
        except OSError as error:  # of docker and of requests alike
            if _status(error) == _MISSING:
                return ""
            why = refusal(error)
            if _status(error) is not None and attempt:
                return why  # the engine answers, and says no twice
        else:
            return ""
    return why


def stop(engine: Engine, container: str, grace: int) -> None:
    """Stop *container*; one that is gone is stopped.

    Raises:
        OSError: the engine does not answer, or could not stop it.
    """
    try:
        engine.stop(container, timeout=grace)
    except OSError as error:
        if _status(error) != _MISSING:
            raise


def _status(error: OSError) -> int | None:
    """The engine's HTTP status; None where it did not answer."""
    return getattr(getattr(error, "response", None), "status_code", None)


def wait_until_well(
    engine: Engine, container: str, seconds: float, clock: Callable[[], float] = time.monotonic
) -> str:
    """Wait until *container* is healthy, or runs where it has no probe.

    Returns:
        Why it is not, after *seconds* or as soon as it has ended; empty: it is.
    """
    deadline = clock() + seconds
    while True:
        state = engine.inspect_container(container).get("State") or {}
        health = (state.get("Health") or {}).get("Status")
        if state.get("Status") in {"exited", "dead"}:
            return f"it ended with code {state.get('ExitCode')}"
        if state.get("Status") == "running" and health in {None, "none", "healthy"}:
            return ""
        if clock() >= deadline:
            return f"it is {health or state.get('Status')} after {seconds:.0f} s"
        time.sleep(_PAUSE)
