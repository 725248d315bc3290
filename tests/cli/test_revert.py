"""`tame revert` on a screen."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tame
from tests.harness.pushing import git
from tests.harness.rolled_back import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Radarr 2 was tried, and went back to 1."""
    git(tmp_path, "init", "--quiet", str(tmp_path / "repository"))
    one = Home(tmp_path / "repository", tmp_path / "config")
    one.ask("1")
    one.runs()
    return one


def test_nothing_held_is_no_error(home: Home, tame: Tame) -> None:
    """Whoever calls it after every failed job is told so, and goes on."""
    done = tame("-C", str(home.project), "revert", "test")

    assert (done.code, done.out.split(":")[0]) == (0, "nothing to take back")
    told = json.loads(tame("-C", str(home.project), "revert", "test", "--json").out)
    assert told["branch"] is None


def test_a_plan_makes_no_branch_and_the_verb_does(home: Home, tame: Tame) -> None:
    """Both name the commit, the reason and the branch; machines get keys."""
    bad = home.ask("2")
    home.goes_back()
    plan = tame("-C", str(home.project), "revert", "test", "--plan")
    assert plan.code == 0
    assert f"{bad[:8]} radarr 2" in plan.out
    assert "because the gate says failed" in plan.out
    assert home.git("branch", "--list", "revert/*") == ""

    told = json.loads(tame("-C", str(home.project), "revert", "test", "--json").out)

    assert home.git("branch", "--list", told["branch"]) == told["branch"]
    assert told["commits"] == [{"id": bad, "title": "radarr 2"}]


def test_a_page_that_cannot_be_written_leaves_no_branch(home: Home, tame: Tame) -> None:
    """TAME507 before anything is made."""
    home.ask("2")
    home.goes_back()
    done = tame("-C", str(home.project), "revert", "test", "-o", str(home.root / "no/such.md"))

    assert (done.code, "[TAME507]" in done.err) == (1, True)
    assert home.git("branch", "--list", "revert/*") == ""
