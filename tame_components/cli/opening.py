"""`tame open`: a UI on loopback until Ctrl-C."""

import signal
from pathlib import Path

from tame_components.cli import OK
from tame_components.cli.screen import note, say
from tame_components.ops.engine import connect
from tame_components.ops.forward import (
    LOOPBACK,
    check_reachable,
    forwarding,
    ssh_command,
    ui_address,
)
from tame_components.ops.project import find_project


def run(cwd: Path, service: str, stack: str | None, *, port: int) -> int:
    """Print where the UI is, and keep it there."""
    topology = find_project(cwd).stack_file(stack).topology
    topology.service(service, asked_by="tame open")
    if service in topology.links and not port:
        say(topology.links[service])
        return OK
    engine = topology.settings.engine
    target = ui_address(topology, service, connect(engine))
    if not topology.settings.local:
        note(f"the engine is not on this machine (`{engine}`); run this, and leave it running:")
        say(ssh_command(engine, target, port))
        note(f"then open http://{LOOPBACK}:{port or target[1]}")
        return OK
    check_reachable(service, target, engine, port)
    ui = topology.service(service).app.port()
    with forwarding(target, port) as listening:
        say(f"{ui.scheme if ui else 'http'}://{LOOPBACK}:{listening}")
        note(f"{service} is at this address until Ctrl-C; nobody else can reach it")
        signal.pause()
    return OK
