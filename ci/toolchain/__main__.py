"""`ci/toolchain/ensure [--json] [--refresh]`: a working Pulumi for this checkout."""

import argparse
import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ci.toolchain import checkout, cli, plugins
from ci.toolchain.network import Network
from ci.toolchain.parts import Choice, Places
from tame_components.domain.errors import TameError


def main() -> int:
    """Chooses, equips the checkout, and says what is used and why."""
    parser = argparse.ArgumentParser(prog="ci/toolchain/ensure", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print the choices as JSON")
    parser.add_argument(
        "--refresh", action="store_true", help="choose anew, asking the official downloads first"
    )
    arguments = parser.parse_args()
    # Ended from outside as by Ctrl-C: a build is stopped, and its working directory removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begun = time.monotonic()

    def say(message: str) -> None:
        print(f"[{time.monotonic() - begun:5.1f} s] {message}", file=sys.stderr, flush=True)

    places = Places.of(Path(__file__).resolve().parents[2], os.environ)
    try:
        recalled = None if arguments.refresh else checkout.recall(places, os.environ)
        choices = recalled
        if choices is None:
            search = cli.Search(places, os.environ, Network(), say, refresh=arguments.refresh)
            chosen = cli.choose(search)
            choices = (chosen, *plugins.choose(search, chosen))
        checkout.equip(places, choices)
        if recalled is None:
            checkout.remember(places, os.environ, choices)
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    _show(choices, as_json=arguments.json)
    return 0


def _show(choices: Sequence[Choice], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([dataclasses.asdict(choice) for choice in choices], indent=1))
        return
    rows = [("part", "used", "version", "why"), *map(_row, choices)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]
        )


def _row(choice: Choice) -> tuple[str, str, str, str]:
    return choice.part, choice.used, choice.version, choice.why


if __name__ == "__main__":
    sys.exit(main())
