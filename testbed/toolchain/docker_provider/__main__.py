"""`python -m testbed.toolchain.docker_provider ENGINE`: Pulumi's engine starts it."""

from testbed.toolchain.docker_provider.provider import DockerProvider
from testbed.toolchain.protocol import serve


if __name__ == "__main__":
    provider = DockerProvider()
    serve(provider, provider.stop)
