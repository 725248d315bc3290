"""`python -m testbed.toolchain.language_host ENGINE`: started by the Pulumi CLI, not by people."""

import sys

from testbed.toolchain.bindings import load_bindings_alone


if __name__ == "__main__":
    load_bindings_alone()
    from testbed.toolchain.language_host.server import serve

    # The CLI may put flags before the one positional argument, its own address.
    serve(engine=sys.argv[-1] if len(sys.argv) > 1 else "")
