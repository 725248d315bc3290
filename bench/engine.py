"""What a stack has on the Docker engine, and taking it away."""

import contextlib
import time

import docker
import docker.errors
from docker.models.containers import Container

from bench.errors import MeasurementFailed


_LABEL = "tame.stack"
_POLL = 0.1


def containers(client: docker.DockerClient, stack: str) -> list[Container]:
    """Every container with the label of *stack*, running or not."""
    found: list[Container] = client.containers.list(
        all=True, filters={"label": f"{_LABEL}={stack}"}, ignore_removed=True
    )
    return found


def wait_healthy(client: docker.DockerClient, stack: str, patience: float) -> None:
    """Wait until every container of *stack* is healthy, looking every 0.1 s."""
    deadline = time.monotonic() + patience
    while _unhealthy(client, stack):
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL)


def expect(client: docker.DockerClient, stack: str, count: int) -> None:
    """Make sure that what was measured has happened.

    Raises:
        MeasurementFailed: the stack has not *count* containers, or one of them is not healthy.
    """
    found = containers(client, stack)
    bad = _unhealthy(client, stack)
    if len(found) != count or bad:
        why = f"left {len(found)} containers instead of {count}, not healthy: {len(bad)}"
        raise MeasurementFailed(["the measured command"], why, "\n".join(bad))


def _unhealthy(client: docker.DockerClient, stack: str) -> list[str]:
    states = [(one.name or "", one.attrs["State"]) for one in _inspected(client, stack)]
    return [
        f"{name}: {state['Status']}, {state.get('Health', {}).get('Status')}"
        for name, state in states
        if not state["Running"] or state.get("Health", {}).get("Status", "healthy") != "healthy"
    ]


def _inspected(client: docker.DockerClient, stack: str) -> list[Container]:
    found = containers(client, stack)
    for one in found:
        with contextlib.suppress(docker.errors.NotFound):
            one.reload()
    return found


def sweep(client: docker.DockerClient, run: str) -> None:
    """Take away whatever stacks of the benchmark *run* left: those that its name begins."""
    for one in client.containers.list(all=True, filters={"label": _LABEL}, ignore_removed=True):
        if one.labels[_LABEL].startswith(f"{run}-"):
            with contextlib.suppress(docker.errors.APIError):
                one.remove(force=True, v=True)
    for network in client.networks.list(filters={"label": _LABEL}):
        if network.attrs["Labels"][_LABEL].startswith(f"{run}-"):
            with contextlib.suppress(docker.errors.APIError):
                network.remove()
