"""What an `up` that died has left: Pulumi's files, its locks, the engine. Changes nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tame_components.ops.checkpoint import Damage, Files, Lock, files_of, workers
from tame_components.ops.errors import StackBusy, StackUnreadable
from tame_components.ops.leftovers import Engine, Leftover, leftovers
from tame_components.ops.project import Project, StackFile
from tame_components.ops.pulumi_cli import PulumiCli, Said


@dataclass(frozen=True)
class Situation:
    """What was seen."""

    stack: str
    backend: str
    """Its URL."""
    files: Files | None
    """None: no file backend."""
    complaint: str
    """Why Pulumi cannot read the stack; empty where it can."""
    damage: Damage | None
    locks: tuple[Lock, ...]
    """All stale: a living one is an error."""
    pending: tuple[str, ...]
    """Resources whose creation Pulumi began and never saw the end of."""
    knows: int
    """How many resources Pulumi's state has."""
    leftovers: tuple[Leftover, ...]


def look(stack: StackFile, engine: Engine) -> Situation:
    """See how Pulumi and the engine stand; change nothing.

    Raises:
        PulumiMissing: there is no `pulumi`.
        StackBusy: a Pulumi works on the stack now, or its lock is another machine's.
        StackUnreadable: Pulumi cannot read it, and not because a file is half written.
        EngineUnreachable: the engine went away.
    """
    pulumi = PulumiCli(stack.path.parent)
    asked = pulumi.run("whoami", "--json")
    backend = str(_object(asked).get("url", ""))
    if not backend:
        raise StackUnreadable(stack.stack, "the backend", asked.why)
    files = files_for(stack, backend)
    refuse_if_busy(stack, files)
    export = pulumi.run("stack", "export", "--stack", stack.stack)
    damage = files.damage if files and not export.well else None
    if not export.well and damage is None:
        raise StackUnreadable(stack.stack, backend, export.why)
    state = _state(_object(export) if export.well or not files else files.believed)
    known = {str(one["id"]) for one in state.get("resources") or () if "id" in one}
    return Situation(
        stack=stack.stack,
        backend=backend,
        files=files,
        complaint="" if export.well else export.why,
        damage=damage,
        locks=files.locks if files else (),
        pending=tuple(
            str(one["resource"]["urn"]).rpartition("::")[2]
            for one in state.get("pending_operations") or ()
        ),
        knows=len(known),
        leftovers=leftovers(stack.stack, stack.settings, engine, known),
    )


def refuse_if_busy(stack: StackFile, files: Files | None) -> None:
    """Nothing may be put right under the hands of a Pulumi that works.

    Raises:
        StackBusy: one works on the stack now, or its lock is another machine's.
    """
    for lock in files.locks if files else ():
        if lock.alive:
            raise StackBusy(stack.stack, f"process {lock.pid} of `{lock.user}`, since {lock.since}")
        if not lock.here:
            where = f"`{lock.host}`, which cannot be looked into from here"
            who = f"process {lock.pid} of `{lock.user}` on {where}, since {lock.since}"
            raise StackBusy(stack.stack, who)
    for pid in workers(stack.path.parent, stack.stack):
        raise StackBusy(stack.stack, f"process {pid}")


def files_for(stack: StackFile, backend: str) -> Files | None:
    """Where *backend* keeps *stack*; None where it is no file backend."""
    root = stack.path.parent
    return files_of(backend, root, Project(root).name, stack.stack)


def _object(said: Said) -> Mapping[str, Any]:
    found = json.loads(said.out) if said.well else {}
    return found if isinstance(found, dict) else {}


def _state(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The deployment in what `stack export` prints, or in a checkpoint's file."""
    inner: Mapping[str, Any] = found.get("deployment") or {}
    return inner or (found.get("checkpoint") or {}).get("latest") or {}
