"""The `tame` command: what Pulumi's own CLI has no verb for.

Exit codes: 0 all is well; 1 an error, or a word that is wrong in the settings; 2 a wrong command
line; 3 the verb worked, and what it found is not well; 130 Ctrl-C.
"""

import atexit
import gc
import os
import sys


OK, ERROR, NOT_WELL, INTERRUPTED = 0, 1, 3, 130


def main() -> None:
    """Run the command line; what goes wrong on purpose is one line, a hint and a code."""
    _look_for_less_garbage()
    try:
        _run()
    except BrokenPipeError:
        _nobody_reads()
        sys.exit(ERROR)
    except KeyboardInterrupt:  # before typer was there to see it
        sys.exit(INTERRUPTED)


def _look_for_less_garbage() -> None:
    """Imports make none, and at the end it goes with the process: a quarter of `tame status`."""
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)


def _run() -> None:
    # Imported here, so that a broken installation still says what it lacks.
    from tame_components.cli.app import app  # noqa: PLC0415 - see above
    from tame_components.domain.errors import TameError  # noqa: PLC0415 - see above

    try:
        app()
    except TameError as error:
        sys.stdout.flush()
        sys.stderr.write(f"error: {error}\n")
        sys.exit(ERROR)


def _nobody_reads() -> None:
    """Python flushes once more at exit, and would complain about the closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
