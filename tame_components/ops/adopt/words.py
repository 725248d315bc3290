"""A plan in words: every step with who does it, and with the command that does the same."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tame_components.catalog import catalog
from tame_components.domain.adoption import OldService
from tame_components.domain.image import ImageReference
from tame_components.domain.paths import MARKER
from tame_components.ops.adopt.archives import first_entry
from tame_components.ops.adopt.given import Given
from tame_components.ops.adopt.model import ADOPTED, Key, Move, Plan, Step
from tame_components.ops.missing import ROOT_SECRET


if TYPE_CHECKING:
    import docker


def steps(given: Given, plan: Plan, engine: "docker.APIClient") -> Iterator[Step]:
    """What *plan* does, in order."""
    yield _settings(given, plan)
    init = f"pulumi stack init {plan.stack}"
    yield Step(kind="stack", service="", what="make the stack in Pulumi, if need be", command=init)
    yield Step(
        kind="secret",
        service="",
        what=f"make `{ROOT_SECRET}`, which what is not taken over is derived from",
        command=f"tame config {plan.stack} --generate",
        done=not plan.root_secret,
    )
    yield from (_key(given, one) for one in plan.keys)
    if plan.mark:
        what = f"mark `{plan.mark}` as the data root, now that its disk is there"
        command = shlex.join(["touch", f"{plan.mark}/{MARKER}"])
        yield Step(kind="mark", service="", what=what, command=command)
    yield from _stop(given, plan)
    for one in given.services:
        yield from _state(given, one, plan, engine)
    deploy = f"pulumi preview -s {plan.stack} && pulumi up -s {plan.stack}"
    yield Step(kind="deploy", service="", what="look at it, then deploy", by="you", command=deploy)
    yield from _remove(given, plan)


def _settings(given: Given, plan: Plan) -> Step:
    differs = ", ".join(f"`tame:{key}`" for key in given.differs)
    what = {
        "write": f"write `{plan.file}`",
        "same": f"`{plan.file}` says it all already",
        "kept": f"`{plan.file}` is kept, though it differs from the Compose files in {differs}",
        "replace": f"replace `{plan.file}`, which differs in {differs}; its secrets stay",
    }[plan.settings]
    done = plan.settings in {"same", "kept"}
    return Step(kind="settings", service="", what=what, done=done)


def _key(given: Given, key: Key) -> Step:
    by_hand = f"pulumi config set --secret --path {key.path} -s {given.old.stack}"
    return Step(
        kind="secret",
        service=key.service,
        what=f"take over its `{key.secret}` from {key.source} as `{key.path}`",
        command=by_hand,
        done=key.stored,
    )


def _stop(given: Given, plan: Plan) -> Iterator[Step]:
    running = [one for one in plan.victims if one.running]
    if not plan.victims:
        what = f"no container of the Compose project `{given.found.project}` is on this engine"
        yield Step(kind="note", service="", what=what, by="you", done=True)
        return
    names = ", ".join(f"`{one.name}`" for one in running)
    grace = max((one.grace for one in running), default=0)
    what = f"stop {names}, with up to {grace} s for each to end" if running else "nothing runs"
    yield Step(
        kind="stop",
        service="",
        what=what,
        by="old-stop",
        command=compose_command(given, plan, "stop"),
        done=not running,
    )
    ours = {one.called for one in plan.victims}
    others = sorted({one.service for one in given.found.containers if one.running} - ours)
    if others:
        left = ", ".join(f"`{one}`" for one in others)
        what = f"{left}: not in the new stack, so left running"
        yield Step(kind="note", service="", what=what, by="you", done=True)


def _state(given: Given, one: OldService, plan: Plan, engine: "docker.APIClient") -> Iterator[Step]:
    app = catalog()[one.app]
    if app.state is None:
        return
    move = next((move for move in plan.moves if move.service == one.name), None)
    if move is None:
        yield _unmoved(given, one)
        return
    yield _moved(move)
    if move.stale:
        what = (
            f"its old container ran after the copy, and what it wrote is not in `{move.target}`: "
            "move that away to copy it anew"
        )
        yield Step(kind="note", service=one.name, what=what, by="you")
    if not one.same_image:
        what = f"it was another image: compare the files of `{move.target}` with the catalog's"
        yield Step(kind="note", service=one.name, what=what, by="you", done=True)
    yield from _newer(given, one)
    yield from _owner(given, move, engine)


def _unmoved(given: Given, one: OldService) -> Step:
    target = given.target_of(one.name)
    if one.state and one.state.unknown:
        unset = ", ".join(f"`{name}`" for name in one.state.unknown)
        what = f"{one.state.words} becomes `{target}`: {unset} says where it is; copy it yourself"
        return Step(kind="state", service=one.name, what=what, by="you")
    what = f"no state of it is on this engine: `{target}` starts empty"
    if given.local and os.access(Path(target, ADOPTED), os.F_OK):
        what = f"`{target}` has it, copied by an earlier run"
    return Step(kind="note", service=one.name, what=what, by="you", done=True)


def _moved(move: Move) -> Step:
    if move.stays:
        what, command = f"`{move.target}` stays where it is", ""
    else:
        what = f"copy {move.state.words} to `{move.target}`, check the copy, and leave the old one"
        command = _copy_command(move)
    return Step(kind="state", service=move.service, what=what, command=command, done=move.ready)


def _copy_command(move: Move) -> str:
    """By hand; with a program of any image that has one, where a volume is not a directory."""
    target = shlex.quote(move.target)
    if move.state.kind == "container":
        return f"docker cp -a {move.container[:12]}:{move.state.directory}/. {target}/"
    if move.state.kind == "bind":
        return f"mkdir -p {target} && cp -a {shlex.quote(move.state.source)}/. {target}/"
    image = catalog()[move.app].image.reference
    volume = shlex.quote(move.state.source)
    mounts = f"-v {volume}:/from:ro -v {target}:/to"
    return f"docker run --rm --entrypoint cp {mounts} {image} -a /from/. /to/"


def _newer(given: Given, one: OldService) -> Iterator[Step]:
    """An older program may refuse, or spoil, the database of a newer one."""
    container = next(iter(given.found.of(one.called)), None)
    asked = given.own(one.name).get("image")
    tag = ImageReference.parse(asked).tag if asked else catalog()[one.app].image.tag
    runs, wanted = _numbers(container.version if container else ""), _numbers(tag or "")
    shared = min(len(runs), len(wanted))
    if shared and runs[:shared] > wanted[:shared] and container:
        what = (
            f"it runs {container.version}, and the settings ask for the older {tag}, which may not "
            f"read its database: set `tame:services.{one.name}.image` first"
        )
        yield Step(kind="note", service=one.name, what=what, by="you")


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)+", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _owner(given: Given, move: Move, engine: "docker.APIClient") -> Iterator[Step]:
    """Files of another user than the new service's; images that take PUID see to it themselves."""
    app = catalog()[move.app]
    identity = given.settings.get("identity") or {}
    wanted = given.own(move.service).get("uid", identity.get("uid"))
    if app.identity.by != "user" or wanted is None or not move.container or move.copied:
        return
    entry = first_entry(engine, move.container, move.state.directory)
    if entry and entry.uid != wanted:
        gid = identity.get("gid", 13000)
        command = f"chown -R {wanted}:{gid} {shlex.quote(move.target)}"
        what = f"its files are user {entry.uid}'s, and it will be user {wanted}"
        yield Step(kind="owner", service=move.service, what=what, by="you", command=command)


def _remove(given: Given, plan: Plan) -> Iterator[Step]:
    if not plan.victims:
        return
    always = [
        container.name
        for container in given.found.containers
        if container.restart == "always" and container.id in {one.id for one in plan.victims}
    ]
    why = f" ({always[0]} comes back with the engine: `restart: always`)" if always else ""
    yield Step(
        kind="remove",
        service="",
        what=f"when everything works, remove the old containers; volumes and directories stay{why}",
        by="old-remove",
        command=compose_command(given, plan, "rm"),
    )


def compose_command(given: Given, plan: Plan, verb: str) -> str:
    """What a person types to do *verb* to the old containers of *plan*."""
    names = dict.fromkeys(one.called for one in plan.victims)
    project = given.old.model_copy(update={"project": given.found.project})
    return shlex.join([*project.compose, verb, *names])
