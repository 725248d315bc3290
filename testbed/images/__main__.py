"""`python -m testbed.images build --host HOST [--tag T] [--fault F] [APP ...]`, or `list`."""

import argparse
import sys
import time

from tame_components.catalog import catalog
from tame_components.domain.errors import TameError
from testbed.images import build, fidelity, known


def main() -> int:
    """Builds; prints progress on stderr and the images' names on stdout."""
    parser = argparse.ArgumentParser(prog="python -m testbed.images", description=main.__doc__)
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("build", help="make sure that the engine has the stand-in images")
    verb.add_argument("--host", required=True, help="the engine's address, as DOCKER_HOST takes it")
    verb.add_argument("--tag", help="the tag and version to claim; default: the catalog's pin")
    verb.add_argument("--fault", default="", help="how this release misbehaves; default: not")
    verb.add_argument("apps", nargs="*", metavar="APP", help="default: all")
    verbs.add_parser("list", help="say what each stand-in does and leaves out")
    told = parser.parse_args()
    if "host" not in told:
        for app in known():
            print(f"{app} ({catalog()[app].fidelity}): {fidelity(app)}")
        return 0
    begun = time.monotonic()

    def say(message: str) -> None:
        print(f"[{time.monotonic() - begun:5.1f} s] {message}", file=sys.stderr, flush=True)

    try:
        names = build(told.host, told.apps or None, tag=told.tag, fault=told.fault, say=say)
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    say(f"{len(names)} images are ready")
    print("\n".join(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
