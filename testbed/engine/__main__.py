"""`python -m testbed.engine ensure|status|sweep|stop`."""

import argparse
import sys
import time
from collections.abc import Callable

from tame_components.domain.errors import TameError
from testbed.engine import PRIVATE, ensure, find


_ABSENT = 3
"""Exit code of `status` when no engine answers."""


def main() -> int:
    """Runs one verb; prints progress on stderr and results on stdout."""
    parser = argparse.ArgumentParser(prog="python -m testbed.engine", description=main.__doc__)
    verbs = {
        "ensure": "find a running engine, else start a private one; prints its address",
        "status": f"print the engine in use; exit code {_ABSENT} if there is none",
        "sweep": "remove the containers of stand-ins, and their stacks' networks and volumes",
        "stop": "stop the private engine; an engine that the test bed did not start is left alone",
    }
    parser.add_argument(
        "verb", choices=verbs, help="; ".join(f"{k}: {v}" for k, v in verbs.items())
    )
    begun = time.monotonic()

    def say(message: str) -> None:
        print(f"[{time.monotonic() - begun:5.1f} s] {message}", file=sys.stderr, flush=True)

    try:
        run = {"ensure": _ensure, "status": _status, "sweep": _sweep, "stop": _stop}
        return run[parser.parse_args().verb](say)
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _ensure(say: Callable[[str], None]) -> int:
    engine = ensure(say)
    say(f"Docker engine {engine.version} at {engine.host}")
    print(engine.host)
    return 0


def _status(_: Callable[[str], None]) -> int:
    engine = find(PRIVATE)
    if engine is None:
        print("no Docker engine answers")
        return _ABSENT
    kind = "private" if engine.private else "not ours"
    print(f"Docker engine {engine.version} at {engine.host} ({kind})")
    return 0


def _sweep(say: Callable[[str], None]) -> int:
    from testbed.engine.sweep import sweep  # noqa: PLC0415 - the Docker SDK is slow to import

    engine = find(PRIVATE)
    if engine is None:
        print("no Docker engine answers")
        return _ABSENT
    print(f"removed {sweep(engine.host, say)}")
    return 0


def _stop(say: Callable[[str], None]) -> int:
    with PRIVATE.locked():
        stopped = PRIVATE.stop(say)
    print("stopped" if stopped else "the private Docker engine does not run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
