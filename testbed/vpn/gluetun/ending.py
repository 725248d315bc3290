"""How a process of the rehearsal's network ends: when it is asked to, with its own exit status."""

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn


def when_asked() -> Callable[[], None]:
    """From now on SIGTERM and SIGINT are remembered; what comes back waits for one of them.

    A pipe and no `threading.Event`: a handler that sets an event which is being waited for can
    hang.
    """
    end, ring = os.pipe()

    def remember(_number: int, _frame: object) -> None:
        os.write(ring, b"!")

    def wait() -> None:
        os.read(end, 1)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, remember)

    return wait


def leave(code: int) -> NoReturn:
    """Ends the process without taking the interpreter down.

    Threads that still run meanwhile crash it now and then (exit status 139, on a busy machine).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
