"""Programs that the stand-in runs."""

import json
import subprocess
import sys
import time
from typing import Any


class CommandError(Exception):
    """A program ended with an error."""


def run(*argv: str, stdin: str | None = None) -> str:
    """What *argv* printed.

    Raises:
        CommandError: It is missing, or did not end with 0.
    """
    try:
        done = subprocess.run(
            argv, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f'command failed: "{" ".join(argv)}": {error}') from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise CommandError(f'command failed: "{" ".join(argv)}": {said}: exit {done.returncode}')
    return done.stdout


def listed(*argv: str) -> list[dict[str, Any]]:
    """What an `ip -j` command prints: one JSON list."""
    rows: list[dict[str, Any]] = json.loads(run("ip", "-j", *argv) or "[]")
    return rows


def log(level: str, message: str, component: str = "") -> None:
    """One line in gluetun's form: time, level, component, text."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    tag = f" [{component}]" if component else ""
    sys.stdout.write(f"{stamp} {level}{tag} {message}\n")
    sys.stdout.flush()
