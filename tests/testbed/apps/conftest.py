"""Fixtures of the stand-ins' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.apps.harness import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Where stand-ins are started; all are ended afterwards."""
    found = Bench(tmp_path)
    yield found
    found.close()
