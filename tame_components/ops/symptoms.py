"""Why a service does not work, read from its container, its probe and its log."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tame_components.domain.base import Frozen
from tame_components.domain.lifecycle import State
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.observe import Observation, ServiceStatus, containers_of, label


if TYPE_CHECKING:
    import docker


_TAIL = 200
"""Lines of the log that are searched."""
_LONGEST = 160
_SIGNALS = {
    125: "the engine could not start it",
    126: "its command cannot be executed",
    127: "its command does not exist",
    137: "killed (SIGKILL): stopped too slowly, or by hand",
    139: "it crashed (SIGSEGV)",
    143: "it was asked to stop (SIGTERM)",
}


class Symptom(Frozen):
    """What is wrong with one service."""

    subject: str
    what: str
    cause: str
    hint: str


def symptoms(
    topology: Topology, seen: Observation, engine: "docker.APIClient"
) -> Iterator[Symptom]:
    """Every service that is not healthy, and members of a gateway that is gone.

    Inspects only the containers that are ill.
    """
    found = {label(one, "tame.service"): one for one in containers_of(topology, engine)}
    for status in seen.waiting_for:
        container = found.get(status.service)
        if container is None:
            yield Symptom(
                subject=status.service,
                what=f"there is no container `{status.container}`",
                cause="it was never made, or was removed by hand",
                hint=f"`pulumi up -s {topology.stack}`; after a removal: `pulumi up --refresh`",
            )
        else:
            yield _of_container(topology.service(status.service), status, container, engine)
    for gateway in topology.gateways:
        for member in topology.members(gateway.name):
            yield from _orphaned(topology, gateway.name, member.name, found)


def _of_container(
    service: Service,
    status: ServiceStatus,
    container: Mapping[str, Any],
    engine: "docker.APIClient",
) -> Symptom:
    try:
        state: dict[str, Any] = engine.inspect_container(container["Id"])["State"]
        causes = [
            *_why_stopped(status, state),
            *_signatures(service, engine.logs(container["Id"], tail=_TAIL)),
            *_probe(service, status, state),
        ]
    except OSError:  # docker's errors are requests' errors, which are OSErrors
        causes = ["it changed while it was looked at"]
    return Symptom(
        subject=service.name,
        what=f"is {status.state}: {status.detail}",
        cause="; ".join(causes) or "not known",
        hint=f"`docker logs --tail 50 {status.container}`"
        + (f"; then `docker start {status.container}`" if status.state is State.STOPPED else ""),
    )


def _why_stopped(status: ServiceStatus, state: Mapping[str, Any]) -> Iterator[str]:
    if state.get("OOMKilled"):
        yield "it used more memory than its limit (`services.<name>.memory_mb`)"
    elif status.exit_code is not None:
        yield _SIGNALS.get(status.exit_code, f"it ended with code {status.exit_code}")
    if state.get("Error"):
        yield str(state["Error"])[:_LONGEST]


def _signatures(service: Service, log: bytes) -> Iterator[str]:
    """What known lines mean; the lines themselves are not shown: a secret may stand in them."""
    text = log.decode("utf-8", "replace")
    for signature, meaning in service.app.log_signatures.items():
        if signature in text:
            yield f"{meaning} (the log says `{signature}`)"


def _probe(service: Service, status: ServiceStatus, state: Mapping[str, Any]) -> Iterator[str]:
    if status.state is State.RUNNING:
        yield "its container has no probe, so nobody can tell"
    probe = service.app.probe
    if status.state is not State.UNHEALTHY or probe is None:
        return
    log = (state.get("Health") or {}).get("Log") or ()
    said = " ".join(str(log[-1].get("Output", "")).split())[:_LONGEST] if log else ""
    yield f"its probe (which proves: {probe.proves}) fails" + (
        f" and says `{said}`" if said else ""
    )


def _orphaned(
    topology: Topology, gateway: str, member: str, found: Mapping[str, Mapping[str, Any]]
) -> Iterator[Symptom]:
    """A member keeps the namespace of the container it was made for (gluetun issue 641)."""
    if gateway not in found or member not in found:
        return
    mode = str((found[member].get("HostConfig") or {}).get("NetworkMode", ""))
    if mode.startswith("container:") and mode.partition(":")[2] != found[gateway]["Id"]:
        yield Symptom(
            subject=member,
            what=f"lives in the network namespace of a container that is gone, not of `{gateway}`",
            cause=f"`{gateway}` was made anew without `{member}`",
            hint=f"`pulumi up --refresh -s {topology.stack}` replaces both",
        )
