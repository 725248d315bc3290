"""`python -m testbed.toolchain.command_provider ENGINE`: Pulumi's engine starts it."""

import gc
import sys

from testbed.toolchain.bindings import load_bindings_alone


if __name__ == "__main__":
    gc.set_threshold(50_000)  # imports make no garbage, and looking for it delays the engine
    load_bindings_alone()
    from testbed.toolchain.command_provider.provider import CommandProvider
    from testbed.toolchain.protocol import serve

    provider = CommandProvider(sys.argv[-1] if len(sys.argv) > 1 else "")
    serve(provider, provider.stop)
