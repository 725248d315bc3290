"""One running pack for all tests of the protocol: it starts once per session."""

from collections.abc import Iterator

import pytest

from tests.policies.resources import Pack, serving


@pytest.fixture(scope="session")
def pack() -> Iterator[Pack]:
    """A pack as the engine would run it; `begin` forgets what the test before told it."""
    with serving() as running:
        yield running
