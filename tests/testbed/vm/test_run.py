"""The whole of `ci/vm`, where somebody has the time for it."""

import os
import subprocess
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[3]


@pytest.mark.e2e
@pytest.mark.skipif(
    os.environ.get("TAME_TEST_VM") != "1",
    reason="TAME_TEST_VM=1 runs it: without KVM a whole machine takes 10 to 25 minutes",
)
def test_a_stack_in_a_machine_is_proved_and_all_of_it_goes() -> None:
    """Exit 0 means that the gate passed; no machine, no disk layer and no key is left."""
    done = subprocess.run([ROOT / "ci/vm"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "verdict: passed" in done.stdout
    assert list((ROOT / ".tame/vm").glob("*")) == []
