"""`python -m testbed.vpn.provider ensure|remove|hits --host HOST [--client NAME]`.

`ensure` prints one JSON object with the client's private key in it: pipe it, do not log it.
"""

import argparse
import dataclasses
import json
import sys

from tame_components.domain.errors import TameError
from testbed.vpn.provider import ensure, hits, remove


def main() -> int:
    """Runs one verb; progress on stderr, the answer on stdout; 1 after an error."""
    parser = argparse.ArgumentParser(prog="python -m testbed.vpn.provider")
    parser.add_argument("verb", choices=("ensure", "remove", "hits"))
    parser.add_argument("--host", required=True, help="the engine, as DOCKER_HOST takes it")
    parser.add_argument("--client", default="dev", help="one name per stack (default: dev)")
    given = parser.parse_args()
    try:
        if given.verb == "ensure":
            provider = ensure(given.host, given.client, lambda line: print(line, file=sys.stderr))
            print(json.dumps(dataclasses.asdict(provider), indent=2))
        elif given.verb == "hits":
            print(json.dumps([dataclasses.asdict(hit) for hit in hits(given.host)]))
        else:
            remove(given.host)
    except TameError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
