"""What a stand-in does and leaves out, in words for a person."""

import importlib
import inspect
import subprocess

from testbed.images.errors import ProgramsMissing
from testbed.images.programs import PACKAGES, find
from testbed.images.services import SERVICES


def fidelity(app: str) -> str:
    """What the stand-in of *app* does and what it does not."""
    if app in SERVICES:
        version = _version(SERVICES[app].program)
        return f"The real program, of this machine: {version}; not the pin's version."
    if app == "gluetun":
        simplified = importlib.import_module("testbed.vpn.gluetun").SIMPLIFIED
        return "A real tunnel. Simpler than gluetun: " + "; ".join(simplified) + "."
    stand_in = importlib.import_module(f"testbed.apps.{app.replace('-', '_')}").StandIn
    return " ".join((inspect.getdoc(stand_in) or "").split())


def _version(program: str) -> str:
    try:
        place = find(program)
    except ProgramsMissing:  # nothing is installed to describe it
        return f"Debian's package {PACKAGES[program]}, not installed yet"
    told = subprocess.run(
        (place, "version" if program == "caddy" else "--version"),
        capture_output=True,
        text=True,
        check=False,
        # It writes into its home even for this.
        env={"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"},
    )
    return (told.stdout or told.stderr).partition("\n")[0].strip() or PACKAGES[program]
