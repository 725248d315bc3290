"""`ci/revert`: a promotion that was taken back becomes a pull request with the evidence."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.harness.pushing import MISSING, Checkout
from tests.harness.rolled_back import Home


ROOT = Path(__file__).parents[2]
RUN = {"GITHUB_RUN_ID": "7", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REF_NAME": "trunk"}
pytestmark = [
    pytest.mark.skipif(MISSING, reason="gh, or Git, is not installed here"),
    pytest.mark.skipif(
        not (Path(sys.prefix) / "bin/tame").exists(), reason="tame is not installed beside Python"
    ),
]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A clone with the scripts; Python's environment is ours."""
    one = Checkout(tmp_path)
    (one.here / "ci").mkdir()
    for name in ("revert", "propose", "steps.sh"):
        shutil.copy2(ROOT / "ci" / name, one.here / "ci" / name)
    setup = one.here / "ci/setup"
    setup.write_text("#!/bin/sh\n")
    setup.chmod(0o755)
    (one.here / ".venv").symlink_to(sys.prefix)
    (one.here / ".gitignore").write_text(".venv\n")
    return one


def test_a_rolled_back_release_becomes_one_pull_request(checkout: Checkout, tmp_path: Path) -> None:
    """Its branch asks for what runs; a second failed job, and a merge, make none again."""
    home = Home(checkout.here, tmp_path / "config")
    home.ask("1")
    home.runs()
    with checkout.running(checkout.here / "ci/revert") as revert:
        quiet = revert("test", **RUN)
        assert quiet.returncode == 0, quiet.stderr
        assert "nothing to take back" in quiet.stdout
        bad = home.ask("2")
        home.goes_back()
        checkout.git("push", "--quiet", "origin", "trunk")

        first, again = revert("test", **RUN), revert("test", **RUN)
        assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr

        (pull,) = checkout.pulls
        held = home.places.held()
        assert held is not None
        assert pull["head"]["ref"] == f"revert/test-{held.release}"
        assert pull["base"]["ref"] == "trunk"
        assert pull["title"] == "Take back radarr 1 -> 2: test was rolled back"
        assert "> the gate says failed" in pull["body"]
        assert "https://github.com/home/media/actions/runs/7" in pull["body"]
        assert checkout.git("rev-parse", f"origin/{pull['head']['ref']}^").strip() == bad

        checkout.git("merge", "--quiet", "--ff-only", f"origin/{pull['head']['ref']}")
        after = revert("test", **RUN)
        assert "nothing to take back" in after.stdout
        assert len(checkout.pulls) == 1


def test_what_cannot_be_taken_back_fails_and_says_so(checkout: Checkout, tmp_path: Path) -> None:
    """Nothing is pushed, and the job is red."""
    home = Home(checkout.here, tmp_path / "config")
    home.ask("1")
    home.runs()
    home.write("2")
    home.goes_back()
    with checkout.running(checkout.here / "ci/revert") as revert:
        done = revert("test", **RUN)

    assert done.returncode == 1
    assert "TAME862" in done.stderr
    assert checkout.pulls == []
