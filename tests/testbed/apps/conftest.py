"""Fixtures of the stand-ins' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.engine import ensure
from tests.testbed.apps.harness import Bench
from tests.testbed.apps.ship import Ship


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Where stand-ins are started; all are ended afterwards."""
    found = Bench(tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="session")
def host() -> str:
    """The engine's address."""
    return ensure().host


@pytest.fixture
def ship(host: str) -> Iterator[Ship]:
    """Where containers are started; all are removed afterwards."""
    found = Ship(host)
    yield found
    found.close()
