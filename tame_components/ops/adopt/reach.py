"""Reaching a state directory through the engine, with or without the old container.

Where there is none, or where a directory of the host is to be filled, a container is made, never
started, and removed: it only mounts. Its image is any that is on the engine, for nothing of it is
run.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from tame_components.ops.adopt.errors import AdoptionStopped
from tame_components.ops.adopt.model import Move


if TYPE_CHECKING:
    import docker
    from docker.types import Mount


LABEL = "tame.adopting"
_FROM = "/from/state"


@contextlib.contextmanager
def old_state(move: Move, engine: "docker.APIClient") -> Iterator[tuple[str, str]]:
    """A container and the path in it at which the state of *move* lies now."""
    if move.container:
        yield move.container, move.state.directory
        return
    from docker.types import Mount  # noqa: PLC0415 - see ops.engine

    kind: Literal["bind", "volume"] = "bind" if move.state.kind == "bind" else "volume"
    mount = Mount(_FROM, move.state.source, type=kind, read_only=True)
    with _box(engine, move, [mount]) as box:
        yield box, _FROM


@contextlib.contextmanager
def new_state(move: Move, name: str, engine: "docker.APIClient") -> Iterator[tuple[str, str]]:
    """The same for where it goes; the directory is made, root's, where it is missing.

    Args:
        move: which state.
        name: what the directory is called in the archive that is put there.
        engine: whose host it is.
    """
    place = f"/to/{name}"
    binds = [f"{move.target}:{place}"]  # unlike a mount, it makes what is missing
    with _box(engine, move, [], binds) as box:
        yield box, place


@contextlib.contextmanager
def _box(
    engine: "docker.APIClient", move: Move, mounts: "Sequence[Mount]", binds: Sequence[str] = ()
) -> Iterator[str]:
    made = engine.create_container(
        move.image or _any_image(engine, move.service),
        command=["never-run"],
        labels={LABEL: move.stack},
        network_disabled=True,
        host_config=engine.create_host_config(mounts=list(mounts), binds=list(binds)),
    )
    try:
        yield made["Id"]
    finally:
        engine.remove_container(made["Id"], v=True)  # takes its anonymous volumes alone


def sweep(stack: str, engine: "docker.APIClient") -> None:
    """Remove what a run that was killed has left of these."""
    wanted = {"label": f"{LABEL}={stack}", "status": "created"}
    for one in engine.containers(all=True, filters=wanted):
        engine.remove_container(one["Id"], v=True)


def _any_image(engine: "docker.APIClient", service: str) -> str:
    images = engine.images()
    if not images:
        why = "the engine has no image to mount its state with: pull any"
        raise AdoptionStopped(f"read the state of `{service}`", why)
    return str(images[0]["Id"])
