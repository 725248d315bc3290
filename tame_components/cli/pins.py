"""`tame pins check | lock | update`."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tame_components.cli.screen import note, say, say_json, table
from tame_components.domain.topology import Topology
from tame_components.ops.pins.plan import Pin, check
from tame_components.ops.pins.registry import Registries
from tame_components.ops.pins.write import locked, moved, write
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
    say(f"{file.name}: {len(lock.images)} images locked")
    return 0


def run_update(cwd: Path, stack: str | None, services: Sequence[str], *, plan: bool) -> int:
    """Move pins to their newest releases, digests with them."""
    topology, root = _stack(cwd, stack)
    with Registries(topology.settings.registry) as registries:
        lock, moving = moved(root, topology, services, registries, _say)
    for pin in moving:
        say(f"{_line(pin)}")
    if not moving:
        say("nothing to move: every pin is the newest release")
    elif plan:
        say("nothing was written: this was the plan")
    else:
        say(f"{write(root, topology.stack, lock).name}: written")
    return 0


def _line(pin: Pin) -> str:
    read = f" ({pin.changelog})" if pin.changelog else ""
    return f"{', '.join(pin.services)}: {pin.image.tag} -> {pin.newest}{read}"


def _stack(cwd: Path, stack: str | None) -> tuple[Topology, Path]:
    file = find_project(cwd).stack_file(stack)
    return file.topology, file.path.parent


def _say(text: str) -> None:
    if sys.stderr.isatty():
        note(f"  {text}")
