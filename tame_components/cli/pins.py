"""`tame pins check | lock | update | propose`."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from tame_components.cli.screen import note, say, say_json, table
from tame_components.domain.errors import counted
from tame_components.domain.topology import Topology
from tame_components.ops.durable import writing
from tame_components.ops.pins.moving import lock_after, moves
from tame_components.ops.pins.plan import Pin, check
from tame_components.ops.pins.proposal_text import Told
from tame_components.ops.pins.proposals import older, proposals, put
from tame_components.ops.pins.registry import Registries
from tame_components.ops.pins.write import locked, write
from tame_components.ops.project import find_project


def run_check(cwd: Path, stack: str | None, *, as_json: bool) -> int:
    """Show each image, and the newest release of it; changes nothing."""
    topology, _ = _stack(cwd, stack)
    with Registries(topology.settings.registry) as registries:
        pins = list(check(topology, registries, _say))
    if as_json:
        shown = [{**asdict(pin), "image": str(pin.image)} for pin in pins]
        say_json(shown)
        return 0
    rows = [
        (", ".join(pin.services), pin.image.tag or "", pin.newest or "-", (pin.created or "")[:10])
        for pin in pins
    ]
    for line in table(("service", "pin", "newer", "built"), rows, shrink=0):
        say(line)
    for pin in pins:
        if pin.note:
            say(f"! {', '.join(pin.services)}: {pin.note}")
        if pin.newest and pin.changelog:
            say(f"  {', '.join(pin.services)}: {pin.changelog}")
    return 0


def run_lock(cwd: Path, stack: str | None) -> int:
    """Write the digest of every image of the stack beside its settings."""
    topology, root = _stack(cwd, stack)
    with Registries(topology.settings.registry) as registries:
        lock = locked(root, topology, registries, _say)
    file = write(root, topology.stack, lock)
    say(f"{file.name}: {counted(len(lock.images), 'image')} locked")
    return 0


def run_update(
    cwd: Path,
    stacks: Sequence[str],
    services: Sequence[str],
    *,
    to: str | None,
    plan: bool,
) -> int:
    """Move pins to their newest releases, digests with them, in every stack alike."""
    if to and not services:
        raise typer.BadParameter("it is the release of one application: name a service")
    topologies, root = _stacks(cwd, stacks)
    with _asking(topologies) as registries:
        moving = moves(root, topologies, registries, services=services, to=to, say=_say)
    for move in moving:
        say(f"{move.stack}: {_line(move.pin)}" if len(topologies) > 1 else _line(move.pin))
    if not moving:
        say("nothing to move: every pin is the newest release")
    elif plan:
        say("nothing was written: this was the plan")
    else:
        for stack in dict.fromkeys(move.stack for move in moving):
            say(f"{write(root, stack, lock_after(root, stack, moving)).name}: written")
    return 0


def run_propose(cwd: Path, stacks: Sequence[str], *, output: Path, taken: Path | None) -> int:
    """Write what pull requests of newer releases need; the project's own locks stay as they are."""
    topologies, root = _stacks(cwd, stacks)
    lines = taken.read_text("utf-8").splitlines() if taken else []
    branches = {branch: called for branch, _, called in (one.partition("\t") for one in lines)}
    with _asking(topologies) as registries:
        found = proposals(moves(root, topologies, registries, say=_say))
    for one in found:
        told = Told(topologies, tuple(older(one, branches)))
        with writing(output):
            put(one, told, output, root)
        say(f"{one.branch}: {', '.join(dict.fromkeys(move.stack for move in one.moves))}")
    if not found:
        say("nothing to propose: every pin is the newest release")
    return 0


def _line(pin: Pin) -> str:
    read = f" ({pin.changelog})" if pin.changelog else ""
    return f"{', '.join(pin.services)}: {pin.image.tag} -> {pin.newest}{read}"


def _stack(cwd: Path, stack: str | None) -> tuple[Topology, Path]:
    (topology,), root = _stacks(cwd, [stack] if stack else [])
    return topology, root


def _stacks(cwd: Path, stacks: Sequence[str]) -> tuple[tuple[Topology, ...], Path]:
    project = find_project(cwd)
    asked: Sequence[str | None] = tuple(dict.fromkeys(stacks)) or (None,)
    files = [project.stack_file(stack) for stack in asked]
    return tuple(file.topology for file in files), project.root


def _asking(topologies: Sequence[Topology]) -> Registries:
    """Mirrors and logins are those of the first stack: one answer holds for all of them."""
    return Registries(topologies[0].settings.registry)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        note(f"  {text}")
