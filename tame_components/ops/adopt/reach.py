"""Reaching a state directory through the engine, with or without the old container.

Where there is none, or where a directory of the host is to be filled, a container is made, never
started, and removed: it only mounts. Nothing of its image is run, so it is the old container's, or,
where there is none or it is gone, the one of the engine's own kind that costs least.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

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
        _image(engine, move),
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


def _image(engine: "docker.APIClient", move: Move) -> str:
    """The image of a box: the engine refuses one of another system, perhaps of another processor.

    An image with volumes is the last choice: what lies there is copied for each box.

    Raises:
        AdoptionStopped: the engine has none.
    """
    if move.image and _inspected(engine, move.image):
        return move.image
    here = engine.version(api_version=False)
    found: dict[tuple[bool, bool], str] = {}
    for one in sorted(engine.images(), key=lambda one: (one["Size"], one["Id"])):
        said = _inspected(engine, one["Id"])
        if said is None or said.get("Os", here["Os"]) != here["Os"]:
            continue
        other = said.get("Architecture", here["Arch"]) != here["Arch"]
        volumes = bool((said.get("Config") or {}).get("Volumes"))
        if not (other or volumes):
            return str(one["Id"])
        found.setdefault((other, volumes), str(one["Id"]))
    if not found:
        why = "the engine has no image to mount its state with: pull any"
        raise AdoptionStopped(f"read the state of `{move.service}`", why)
    return found[min(found)]


def _inspected(engine: "docker.APIClient", image: str) -> dict[str, Any] | None:
    """What *image* is; None: it is gone, which a container may outlive."""
    import docker  # noqa: PLC0415 - see ops.engine

    try:
        said: dict[str, Any] = engine.inspect_image(image)  # type: ignore[no-untyped-call] # stubs
    except docker.errors.NotFound:
        return None
    return said
