"""From what the files say and the engine shows to a plan; nothing is changed."""

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tame_components.catalog import catalog
from tame_components.domain.adoption import OldService, OldState
from tame_components.domain.paths import MARKER
from tame_components.ops.adopt.archives import first_entry
from tame_components.ops.adopt.given import Given
from tame_components.ops.adopt.looking import OldContainer
from tame_components.ops.adopt.model import ADOPTED, Key, Move, Plan, Victim
from tame_components.ops.adopt.own_keys import own_keys
from tame_components.ops.adopt.words import steps
from tame_components.ops.missing import ROOT_SECRET
from tame_components.ops.project import PREFIX


if TYPE_CHECKING:
    import docker


DIRECTORIES = ("/config", "/app/config")
"""Where images of other builders keep their state."""
_SECONDS = len("2026-11-21T17:35:47")
_GRACE = 30
"""Seconds for a service of which nobody knows more."""


def plan(given: Given, engine: "docker.APIClient") -> Plan:
    """What to do so that the stack of *given* goes on as it was."""
    moves = tuple(_moves(given, engine))
    made = Plan(
        stack=given.old.stack,
        engine=str(given.settings["engine"]),
        file=str(given.file),
        settings=given.becomes,
        root_secret=ROOT_SECRET not in given.stored,
        keys=tuple(_keys(given, {one.service for one in moves})),
        mark=_mark(given),
        moves=moves,
        victims=tuple(_victims(given)),
    )
    return made.model_copy(update={"steps": tuple(steps(given, made, engine))})


def _keys(given: Given, kept: Collection[str]) -> Iterator[Key]:
    """The secrets of each service; from files only where its state is *kept*."""
    for one in given.services:
        app = catalog()[one.app]
        files: dict[str, list[str]] = {}
        for own in own_keys(app) if one.name in kept else ():
            files.setdefault(own.secret, []).append(own.file)
        by_variable = {secret: variable for variable, secret in one.variables.items()}
        for secret in sorted({*files, *by_variable}):
            path = f"{PREFIX}secrets.{one.name}.{secret}"
            yield Key(
                service=one.name,
                app=one.app,
                secret=secret,
                path=path,
                variable=by_variable.get(secret, ""),
                files=tuple(files.get(secret, ())),
                stored=path in given.stored,
            )


def _moves(given: Given, engine: "docker.APIClient") -> Iterator[Move]:
    for one in given.services:
        app = catalog()[one.app]
        if app.state is None:
            continue
        container = next(iter(given.found.of(one.called)), None)
        state = _state(given, one, container, engine)
        if state is None or state.unknown:
            continue  # `words` says so
        target = given.target_of(one.name)
        yield Move(
            stack=given.old.stack,
            service=one.name,
            app=one.app,
            state=state,
            target=target,
            container=container.id if container else "",
            image=container.image if container else "",
            stays=_same(state, target, local=given.local),
            copied=given.local and _exists(Path(target, ADOPTED)),
            stale=given.local and _ran_since(Path(target, ADOPTED), container),
        )


def _state(
    given: Given, one: OldService, container: OldContainer | None, engine: "docker.APIClient"
) -> OldState | None:
    if container:
        return state_in(one, container, engine)
    return one.state if one.state and _there(one.state, given, engine) else None


def state_in(
    one: OldService, container: OldContainer, engine: "docker.APIClient"
) -> OldState | None:
    """Where *container* keeps the state of *one*; None: nowhere that outlives a look.

    It knows what the Compose files do not: anonymous volumes, and what lies in itself.
    """
    kept = catalog()[one.app].state
    usual = (kept.directory,) if kept else ()
    said = (one.state.directory,) if one.state else ()
    state = container.state(dict.fromkeys((*said, *usual, *DIRECTORIES)))
    if state.kind == "container" and first_entry(engine, container.id, state.directory) is None:
        return None
    return state


def _there(state: OldState, given: Given, engine: "docker.APIClient") -> bool:
    """Whether the host has it; a volume that is mounted without being there would be made."""
    import docker  # noqa: PLC0415 - see ops.engine

    if state.unknown:
        return True
    if state.kind == "bind":
        return not given.local or _exists(Path(state.source), unsure=True)
    try:
        engine.inspect_volume(state.source)
    except docker.errors.NotFound:
        return False
    return True


def _same(state: OldState, target: str, *, local: bool) -> bool:
    if state.kind != "bind":
        return False
    if local:
        return os.path.realpath(state.source) == os.path.realpath(target)
    return state.source.rstrip("/") == target.rstrip("/")


def _ran_since(mark: Path, container: OldContainer | None) -> bool:
    """Whether *container* wrote something after *mark* was made."""
    if container is None:
        return False
    try:
        copied = str(json.loads(mark.read_text("utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return container.running or container.ended[:_SECONDS] > copied[:_SECONDS]


def _exists(path: Path, *, unsure: bool = False) -> bool:
    """Whether it is there; *unsure* where that may not be seen."""
    try:
        return path.exists()
    except PermissionError:
        return unsure


def _mark(given: Given) -> str:
    """The data root, where the running stack mounts it, so that its disk is there."""
    root = str(given.settings["data"]["root"])
    below = f"{root.rstrip('/')}/"
    mounted = any(
        mount.kind == "bind" and f"{mount.source}/".startswith(below)
        for one in given.found.containers
        for mount in one.mounts.values()
    )
    if not given.local or not mounted or not Path(root).is_dir():
        return ""
    return "" if _exists(Path(root, MARKER)) else root


def _victims(given: Given) -> Iterator[Victim]:
    by_name = {one.called: one for one in given.services}
    for container in given.found.containers:
        mine = by_name.get(container.service)
        if mine is None and container.service not in given.old.retired:
            continue
        least = catalog()[mine.app].stop_grace if mine else _GRACE
        yield Victim(
            id=container.id,
            name=container.name,
            called=container.service,
            service=mine.name if mine else "",
            running=container.running,
            grace=max(least, container.grace or 0),
            joins=container.joins,
            on_demand=mine is not None and catalog()[mine.app].runs == "on-demand",
        )
