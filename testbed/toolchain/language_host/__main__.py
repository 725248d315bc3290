"""`python -m testbed.toolchain.language_host ENGINE`: started by the Pulumi CLI, not by people."""

import gc
import sys

from testbed.toolchain.bindings import load_bindings_alone


if __name__ == "__main__":
    gc.set_threshold(50_000)  # imports make no garbage, and looking for it delays the engine
    load_bindings_alone()
    from testbed.toolchain.language_host.server import serve

    # The CLI may put flags before the one positional argument, its own address.
    serve(engine=sys.argv[-1] if len(sys.argv) > 1 else "")
