"""The gate's scenarios need one application, in two releases."""

import pytest

from testbed.engine import ensure
from testbed.images import build


@pytest.fixture(scope="session")
def engine() -> str:
    """The host of a Docker engine that has the stand-in of Prowlarr."""
    host = ensure().host
    build(host, ["prowlarr"])
    return host
