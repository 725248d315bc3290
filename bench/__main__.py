"""`python -m bench [PART ...] [--quick] [--rounds N] [--write]`."""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from bench import machine
from bench.parts import FULL, PARTS, QUICK, Size
from bench.report import write
from bench.workplace import workplace
from tame_components.domain.errors import TameError
from testbed import engine, images


_BEGUN = time.monotonic()


def say(text: str) -> None:
    """Progress, on stderr: stdout is the report's."""
    print(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print the report, and leave nothing behind."""
    # Ended from outside as by Ctrl-C: what was made is removed.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    told = _arguments()
    size = QUICK if told.quick else FULL
    if told.rounds:
        size = replace(size, rounds=told.rounds)
    sections: list[str] = []
    try:
        for section in measure(told.parts or list(PARTS), size):
            print(section, end="\n\n", flush=True)
            sections.append(section)
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode  # a tool of ours, which has said why
    except KeyboardInterrupt:
        return 130
    if told.write:
        write("\n\n".join(sections))
    return 0


def measure(parts: list[str], size: Size) -> Iterator[str]:
    """The report on *parts*, each when it ends: what was measured is kept if the next one fails."""
    tools = machine.toolchain()
    host = engine.ensure(say).host
    images.build(host, say=say)
    with workplace(host, say) as place:
        yield f"Measured with `python -m bench`:\n\n{machine.facts(place.client, tools)}"
        for part in parts:
            yield str(PARTS[part](place, size))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    known = ", ".join(PARTS)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{known}; default: all")
    parser.add_argument("--quick", action="store_true", help="few services, one round: a trial")
    parser.add_argument("--rounds", type=int, help=f"default: {FULL.rounds}")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md, too")
    told = parser.parse_args()
    if unknown := set(told.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {known}")
    if told.write and (told.quick or told.parts):
        parser.error("--write is for whole runs: not with --quick, nor with a part")
    if told.rounds is not None and told.rounds < 1:
        parser.error("--rounds is 1 or more")
    return told


if __name__ == "__main__":
    sys.exit(main())
