"""`ci/vm`: an ephemeral Debian VM; a stack deployed into it over ssh, proved, all of it removed.

ci/vm             boot, deploy, gate, destroy, remove the machine
ci/vm --keep      leave stack and machine running, and say how to reach them
ci/vm clean       remove machines that were kept or lost; `--cache`: the built disks too
"""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tame_components.cli.screen import table
from tame_components.domain.errors import TameError
from testbed.engine.processes import ended
from testbed.project import ROOT
from testbed.vm import stack
from testbed.vm.acceleration import choose
from testbed.vm.machine import strays
from testbed.vm.phases import Run
from testbed.vm.rehearsal import Rehearsal


PLACE: Final = ROOT / ".tame/vm"
_END_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 where the gate passed and everything is gone again."""
    parser = argparse.ArgumentParser(
        prog="ci/vm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", nargs="?", choices=["run", "clean"], default="run")
    parser.add_argument("--keep", action="store_true", help="leave stack and machine running")
    parser.add_argument("--cache", action="store_true", help="with clean: the built disks too")
    told = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    if told.verb == "clean":
        clean(PLACE)
        if told.cache:
            shutil.rmtree(stack.cache(), ignore_errors=True)
        return 0
    return rehearse(keep=told.keep)


def rehearse(*, keep: bool) -> int:
    """Every phase; the table of their times at the end."""
    clean(PLACE)  # of a run that was killed; a second run at once would share nothing with this one
    acceleration = choose(os.environ)
    say(f"acceleration: {acceleration.way}: {acceleration.why}")
    one = Rehearsal(PLACE / str(os.getpid()), acceleration, say)
    run, code = Run(say), 0
    try:
        run.carry_out(one.forward(), {} if keep else one.undo())
    except TameError as error:
        say(f"error: {error}")
        code = 1
    except KeyboardInterrupt:
        code = 130  # ci/vm says that it was interrupted
    for line in table(
        ["PHASE", "TOOK"], [[name, f"{it:.1f} s"] for name, it in run.seconds.items()]
    ):
        print(line)
    if keep and code == 0:
        say(f"the machine runs on: {' '.join(one.machine.access.command())}")
        say(f"its stack: cd {one.project.directory}; `ci/vm clean` removes both")
    return code


def clean(place: Path) -> None:
    """End machines whose run is over, and remove what they left."""
    for pid in strays(place):
        owner = next(
            file.parent.name for file in place.glob("*/pid") if file.read_text() == str(pid)
        )
        if _is_a_run(owner):
            continue
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _END_SECONDS
        while not ended(pid) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    for left in place.glob("*/"):
        if not _is_a_run(left.name):
            shutil.rmtree(left, ignore_errors=True)


def _is_a_run(name: str) -> bool:
    """Whether a process of that id is a run of ours that goes on."""
    try:
        words = Path(f"/proc/{int(name)}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return False
    return b"testbed.vm" in words


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
