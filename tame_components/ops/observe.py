"""What the services of a stack are doing: two list calls, no inspection.

The JSON of an `Observation` is stable: keys are added, never renamed; `version` counts breaks.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from tame_components.domain.base import Frozen
from tame_components.domain.errors import EngineUnreachable, ImageReferenceInvalid
from tame_components.domain.image import ImageReference
from tame_components.domain.lifecycle import Observed, State
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


MOVED = "the tag of its pin now names another image"
"""One kind of drift: the image was built or pulled again under the same name."""


class Engine(Protocol):
    """The part of docker.APIClient that is used here."""

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - docker's word
        """Docker's `GET /containers/json`."""
        ...

    def images(self) -> list[dict[str, Any]]:
        """Docker's `GET /images/json`."""
        ...


class ServiceStatus(Frozen):
    """One service, as the engine sees it now."""

    service: str
    app: str
    container: str
    state: State
    detail: str
    """Docker's own words, e.g. `Up 2 minutes (healthy)`; empty where there is no container."""
    exit_code: int | None
    """Of a container that stopped."""
    image: str | None
    """What runs. None: there is no container."""
    pin: str
    """What the settings ask for."""
    drift: str | None
    """Why *image* is not *pin*; None where it is, or where there is no container."""
    stand_in: str | None
    """`api` or `health`: how much of the application the stand-in speaks; None: the real one."""
    age_seconds: int | None
    """Since the container was made."""
    link: str | None
    """Where a person opens it. None: it publishes no UI."""
    can_open: bool
    """Whether `tame open` can show its UI."""
    on_demand: bool = False
    """Whether it only runs when somebody runs it (`tame run`), and then ends by itself."""

    @property
    def well(self) -> bool:
        """Healthy; or on demand, and running, never run, or ended well."""
        if not self.on_demand:
            return self.state is State.HEALTHY
        ended_well = self.state is State.STOPPED and not self.exit_code
        return ended_well or self.state in {State.RUNNING, State.STARTING, State.HEALTHY}


class Stranger(Frozen):
    """A container with the stack's label that the settings do not know."""

    container: str
    service: str
    image: str
    state: State


class Observation(Frozen):
    """One look at a stack."""

    version: int = 1
    stack: str
    environment: str
    rehearsal: bool
    engine: str
    services: tuple[ServiceStatus, ...]
    """In alphabetical order."""
    strangers: tuple[Stranger, ...]

    @property
    def waiting_for(self) -> tuple[ServiceStatus, ...]:
        """The services that are not healthy; on demand: that are missing or ended badly."""
        return tuple(one for one in self.services if not one.well)

    @property
    def healthy(self) -> bool:
        """Whether every service is."""
        return not self.waiting_for


def observe(topology: Topology, engine: Engine, now: float) -> Observation:
    """Look once.

    Args:
        topology: what the stack should be.
        engine: where it runs.
        now: Unix time, for ages.

    Raises:
        EngineUnreachable: the engine went away.
    """
    containers, images = _look(topology, engine)
    found = {label(one, "tame.service"): one for one in containers}
    known = {service.name for service in topology.services}
    settings = topology.settings
    return Observation(
        stack=topology.stack,
        environment=settings.environment.value,
        rehearsal=settings.rehearsal,
        engine=settings.engine,
        services=tuple(
            _status(topology, service, found.get(service.name), images, now)
            for service in topology.services
        ),
        strangers=tuple(
            _stranger(one, images)
            for one in sorted(containers, key=name_of)
            if label(one, "tame.service") not in known
        ),
    )


def containers_of(topology: Topology, engine: Engine) -> list[dict[str, Any]]:
    """The stack's containers in Docker's words.

    Raises:
        EngineUnreachable: the engine went away.
    """
    filters = {"label": [f"tame.stack={topology.stack}"]}
    try:
        return engine.containers(all=True, filters=filters)
    except OSError as error:  # requests' exceptions are OSErrors
        raise EngineUnreachable(topology.settings.engine, type(error).__name__) from error


def _look(topology: Topology, engine: Engine) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """The stack's containers, and image id -> its references."""
    containers = containers_of(topology, engine)
    try:
        images = engine.images()
    except OSError as error:
        raise EngineUnreachable(topology.settings.engine, type(error).__name__) from error
    names = {
        image["Id"]: [*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ())]
        for image in images
    }
    return containers, names


def name_of(container: Mapping[str, Any]) -> str:
    """Docker's name of *container*; a link's `/other/alias` is passed over."""
    names: list[str] = container.get("Names") or [f"/{container['Id'][:12]}"]
    return min(names, key=lambda name: name.count("/")).lstrip("/")


def label(container: Mapping[str, Any], key: str) -> str:
    """A label of *container*; empty where it has none."""
    return str((container.get("Labels") or {}).get(key, ""))


_HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
_EXIT = re.compile(r"^(?:Exited|Restarting|Dead) \((-?\d+)\)")


def state_of(container: Mapping[str, Any]) -> State:
    """The state that one entry of Docker's list amounts to.

    Health is part of the text `Status`: "Up 5 minutes (healthy)"; docker/docker,
    daemon/container/state.go, `State.String`.
    """
    match = _HEALTH.search(str(container.get("Status", "")))
    return Observed(
        status=str(container.get("State", "")).lower(), health=match[1] if match else None
    ).state


def exit_code_of(container: Mapping[str, Any]) -> int | None:
    """The code with which the container last stopped; None while it runs."""
    match = _EXIT.match(str(container.get("Status", "")))
    return int(match[1]) if match else None


def _status(
    topology: Topology,
    service: Service,
    container: Mapping[str, Any] | None,
    images: Mapping[str, list[str]],
    now: float,
) -> ServiceStatus:
    common = {
        "service": service.name,
        "app": service.app.name,
        "pin": str(service.image),
        "link": topology.links.get(service.name),
        "can_open": service.app.port() is not None,
        "on_demand": service.app.runs == "on-demand",
    }
    if container is None:
        nothing = dict.fromkeys(("exit_code", "image", "drift", "stand_in", "age_seconds"))
        name = topology.container_name(service.name)
        return ServiceStatus.model_validate(
            {**common, **nothing, "container": name, "state": State.MISSING, "detail": ""}
        )
    running = _running_image(container, images)
    return ServiceStatus.model_validate(
        {
            **common,
            "container": name_of(container),
            "state": state_of(container),
            "detail": str(container.get("Status", "")),
            "exit_code": exit_code_of(container),
            "image": running,
            "drift": _drift(container, running, str(service.image), images),
            "stand_in": label(container, "tame.fidelity") or None,
            "age_seconds": max(0, int(now - container.get("Created", now))),
        }
    )


def _running_image(container: Mapping[str, Any], images: Mapping[str, list[str]]) -> str:
    """Docker gives the bare id as soon as the tag has moved to another image."""
    given = str(container.get("Image", ""))
    if not re.fullmatch(r"(?:sha256:)?[0-9a-f]{12,64}", given):
        return given
    names = [name for name in images.get(str(container.get("ImageID")), ()) if "<none>" not in name]
    return names[0] if names else given.removeprefix("sha256:")[:12]


def _drift(
    container: Mapping[str, Any], running: str, pin: str, images: Mapping[str, list[str]]
) -> str | None:
    current = {image for image, names in images.items() if familiar(pin) in map(familiar, names)}
    if container.get("ImageID") in current:
        return None
    if familiar(running) == familiar(pin) and not current:
        return None
    if familiar(running) == familiar(pin) or not _named(running):
        return MOVED
    return f"differs from pin: the settings ask for `{pin}`"


def _named(reference: str) -> bool:
    return ":" in reference or "/" in reference


def familiar(reference: str) -> str:
    """*reference* as Docker lists it; what is none, such as `<none>@sha256:...`, as it is."""
    try:
        return ImageReference.parse(reference).familiar
    except ImageReferenceInvalid:
        return reference


def _stranger(container: Mapping[str, Any], images: Mapping[str, list[str]]) -> Stranger:
    return Stranger(
        container=name_of(container),
        service=label(container, "tame.service"),
        image=_running_image(container, images),
        state=state_of(container),
    )
