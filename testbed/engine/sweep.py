"""Removing what rehearsals left in an engine that also runs other people's containers."""

import contextlib
from collections.abc import Callable
from typing import Final

import docker
from docker.errors import APIError, NotFound


_STACK: Final = "tame.stack"
_STAND_IN: Final = "tame.stand-in"
"""A label of the image, and so of each of its containers. Only rehearsals run stand-ins."""


def sweep(host: str, say: Callable[[str], None], *, only: str | None = None) -> int:
    """Removes every stand-in's container, then its stack's networks and labelled volumes.

    Args:
        host: The engine.
        say: Is told about each container.
        only: A stack; default: every stack that has a stand-in.

    Returns:
        How many things were removed. Containers that are no stand-ins are never touched, and a
        network or volume that such a container uses stays.
    """
    client = docker.DockerClient(base_url=host)
    with contextlib.closing(client):
        containers = client.containers.list(
            all=True,
            filters={"label": [f"{_STACK}={only}" if only else _STACK, _STAND_IN]},
            ignore_removed=True,
        )
        stacks = {container.labels[_STACK] for container in containers}
        removed = 0
        for container in containers:
            say(f"removing the container {container.name}")
            with contextlib.suppress(NotFound):  # it went by itself meanwhile
                container.remove(force=True, v=True)
            removed += 1
        for stack in sorted(stacks):
            left = {"label": f"{_STACK}={stack}"}
            networks, volumes = (
                client.networks.list(filters=left),
                client.volumes.list(filters=left),
            )
            for remove in [thing.remove for thing in networks] + [one.remove for one in volumes]:
                with contextlib.suppress(APIError):  # in use by a container that is no stand-in
                    remove()
                    removed += 1
    return removed
