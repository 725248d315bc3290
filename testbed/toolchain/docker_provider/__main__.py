"""`python -m testbed.toolchain.docker_provider ENGINE`: Pulumi's engine starts it."""

import gc

from testbed.toolchain.bindings import load_bindings_alone


if __name__ == "__main__":
    gc.set_threshold(50_000)  # imports make no garbage, and looking for it delays the engine
    load_bindings_alone()
    from testbed.toolchain.docker_provider.provider import DockerProvider
    from testbed.toolchain.protocol import serve

    provider = DockerProvider()
    serve(provider, provider.stop)
