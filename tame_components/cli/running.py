"""`tame run`: a service that runs on demand, once."""

import signal
import sys
from pathlib import Path

from tame_components.cli.screen import note
from tame_components.ops.engine import connect
from tame_components.ops.project import find_project
from tame_components.ops.run_once import prepare, run_once


def run(cwd: Path, service: str, stack: str | None) -> int:
    """Show what it prints; its own exit code is this one's."""
    topology = find_project(cwd).stack_file(stack).topology
    engine = connect(topology.settings.engine)
    once = prepare(topology, service, engine)
    if not once.ours:
        note(f"{service} runs already; this is its log, and Ctrl-C only leaves it")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    try:
        return run_once(once, engine, _write)
    except KeyboardInterrupt:
        note(f"{service} was stopped" if once.ours else f"{service} still runs")
        raise


def _write(out: bytes | None, error: bytes | None) -> None:
    for text, stream in ((out, sys.stdout), (error, sys.stderr)):
        if text:
            stream.buffer.write(text)
            stream.buffer.flush()
