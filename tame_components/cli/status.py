"""`tame status`: one line for each service."""

import sys
import textwrap
import time
from pathlib import Path

from tame_components.cli import NOT_WELL, OK
from tame_components.cli.screen import (
    note,
    painted,
    paints,
    say,
    say_json,
    short_time,
    symbol,
    table,
    width,
)
from tame_components.domain.errors import ImageReferenceInvalid
from tame_components.domain.image import ImageReference
from tame_components.domain.lifecycle import State
from tame_components.ops.engine import connect
from tame_components.ops.observe import MOVED, Observation, ServiceStatus, observe
from tame_components.ops.project import find_project


_LOOK = {
    State.HEALTHY: ("✔", "+", "green"),
    State.RUNNING: ("●", "o", "yellow"),
    State.STARTING: ("…", ".", "yellow"),
    State.RESTARTING: ("↻", "@", "red"),
    State.UNHEALTHY: ("✘", "x", "red"),
    State.STOPPED: ("■", "#", "red"),
    State.MISSING: ("∅", "-", "red"),
}
_PAUSE = 1.0
"""Seconds between two looks."""
_TOLD_EVERY = 10
"""Seconds between two lines of progress where they cannot be overwritten."""


def run(cwd: Path, stack: str | None, *, as_json: bool, wait: int) -> int:
    """Show the stack; 0 where every service is healthy."""
    topology = find_project(cwd).stack_file(stack).topology
    engine = connect(topology.settings.engine)
    deadline = time.monotonic() + wait
    progress = _Progress()
    while True:
        seen = observe(topology, engine, time.time())
        left = deadline - time.monotonic()
        if seen.healthy or left <= 0:
            break
        progress.tell(seen, left)
        time.sleep(min(_PAUSE, left))
    progress.end()
    if as_json:
        say_json({**seen.model_dump(mode="json"), "healthy": seen.healthy})
    else:
        for line in lines(seen):
            say(line)
    return OK if seen.healthy else NOT_WELL


class _Progress:
    """What is waited for: one line that is written over, or one line now and then."""

    def __init__(self) -> None:
        self._last = ""
        self._told = -float(_TOLD_EVERY)

    def tell(self, seen: Observation, left: float) -> None:
        done = len(seen.services) - len(seen.waiting_for)
        names = ", ".join(one.service for one in seen.waiting_for[:4])
        more = len(seen.waiting_for) - 4
        text = f"{done} of {len(seen.services)} healthy; waiting for {names}"
        text += f" and {more} more" if more > 0 else ""
        if paints(sys.stderr):
            sys.stderr.write(f"\r\x1b[K{text} ({left:.0f} s left)"[:200])
            sys.stderr.flush()
        elif text != self._last or time.monotonic() - self._told >= _TOLD_EVERY:
            note(text)
            self._told = time.monotonic()
        self._last = text

    def end(self) -> None:
        if self._last and paints(sys.stderr):
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def lines(seen: Observation) -> list[str]:
    """The whole page."""
    rehearsal = " · rehearsal on stand-ins" if seen.rehearsal else ""
    head = f"stack {seen.stack} ({seen.environment}){rehearsal} · {seen.engine}"
    stand_ins = any(one.stand_in for one in seen.services)
    titles = ["  SERVICE", "STATE", "IMAGE", *(["STAND-IN"] if stand_ins else []), "AGE", "OPEN"]
    body = table(
        titles,
        [_row(one, stand_ins=stand_ins) for one in seen.services],
        shrink=2,
        colours=[_look(one)[2] for one in seen.services],
    )
    head = head.replace("·", symbol("·", "-"))
    return [painted(head, "bold"), "", *body, "", *_notes(seen)]


def _look(one: ServiceStatus) -> tuple[str, str, str]:
    return ("○", "o", "green") if one.on_demand and one.well else _LOOK[one.state]


def _row(one: ServiceStatus, *, stand_ins: bool) -> list[str]:
    preferred, plain, _ = _look(one)
    verb = "run" if one.on_demand else "open" if one.can_open else ""
    opening = one.link or (f"tame {verb} {one.service}" if verb else "-")
    drifted = " *" if one.drift else ""
    return [
        f"{symbol(preferred, plain)} {one.service}",
        "on demand"
        if one.on_demand and one.state is State.STOPPED and one.well
        else str(one.state),
        (_tag(one.pin if one.drift == MOVED else one.image) if one.image else "-") + drifted,
        *([one.stand_in or "-"] if stand_ins else []),
        short_time(one.age_seconds),
        opening,
    ]


def _tag(image: str) -> str:
    """The version alone: the service says which application it is."""
    try:
        reference = ImageReference.parse(image)
    except ImageReferenceInvalid:
        return image
    digest = reference.digest or ""
    return reference.tag or digest.removeprefix("sha256:")[:12] or image


def _notes(seen: Observation) -> list[str]:
    drifted: dict[str, list[str]] = {}
    for one in seen.services:
        if one.drift:
            drifted.setdefault(one.drift, []).append(one.service)
    notes = [
        line
        for drift, names in drifted.items()
        for line in textwrap.wrap(f"* {', '.join(names)}: {drift}", width(), subsequent_indent="  ")
    ]
    notes += [
        f"! {one.service}: nobody judges its health: the container has no probe"
        for one in seen.services
        if one.state is State.RUNNING and not one.on_demand
    ]
    notes += [
        f"! `{one.container}` ({one.state}) has the stack's label, and the settings lack "
        f"`{one.service or 'its service'}`"
        for one in seen.strangers
    ]
    done = len(seen.services) - len(seen.waiting_for)
    verdict = f"{done} of {len(seen.services)} healthy"
    if seen.healthy:
        return [*notes, painted(verdict, "green")]
    names = ", ".join(f"{one.service} ({_why(one)})" for one in seen.waiting_for[:6])
    more = len(seen.waiting_for) - 6
    names += f" and {more} more" if more > 0 else ""
    return [*notes, painted(f"{verdict}; not: {names}", "red"), "why: `tame doctor`"]


def _why(one: ServiceStatus) -> str:
    return f"{one.state}, code {one.exit_code}" if one.exit_code is not None else str(one.state)
