"""The workflows call what a person can call, with no more rights than they need."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml


ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
_CALLED = re.compile(r"(?<![\w./-])ci/([a-z]+)")


def _read(file: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(file.read_text("utf-8"))
    return found


def _jobs(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _read(file)["jobs"].items()


@pytest.mark.parametrize("file", [*FILES, ACTION], ids=lambda f: f.name)
def test_actions_of_others_are_pinned_by_commit(file: Path) -> None:
    """A tag can be moved to other code; a commit cannot, and its release stands beside it."""
    used = re.findall(r"uses:\s*(\S+)(.*)", file.read_text("utf-8"))
    used = [one for one in used if not one[0].startswith("OWNER/")]

    for action, comment in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.search(r"# v\d+\.\d+\.\d+", comment), action


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_rights_are_least(file: Path) -> None:
    """A workflow may read; a job that writes says what, and never everything."""
    assert _read(file)["permissions"] == {"contents": "read"}
    for name, job in _jobs(file):
        rights = job.get("permissions", {})
        assert isinstance(rights, dict), name
        assert "timeout-minutes" in job, name


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_scripts_that_are_called_are_there(file: Path) -> None:
    """Each `ci/...` is a file that a person can run."""
    called = {
        name
        for _, job in _jobs(file)
        for step in job["steps"]
        for name in _CALLED.findall(step.get("run", ""))
    }

    for name in called:
        assert os.access(ROOT / "ci" / name, os.X_OK), name


def test_a_fork_never_sees_a_secret() -> None:
    """`pull_request_target` would hand secrets to a stranger's code; nothing uses it."""
    for file in FILES:
        events = _read(file)[True]  # YAML 1.1 reads the key `on` as true
        assert "pull_request_target" not in (events if isinstance(events, dict) else [events])


def test_a_strangers_code_never_runs_on_a_machine_of_ones_own() -> None:
    """The runner at home can reach the engines; a fork's pull request runs on GitHub's machines."""
    for name, job in _jobs(ROOT / ".github/workflows/pull-request.yml"):
        own = "TAME_RUNNER" in job["runs-on"]
        assert not own or "!github.event.pull_request.head.repo.fork &&" in job["runs-on"], name


def test_one_deployment_of_a_stack_at_a_time() -> None:
    """Jobs that change a stack share a group by its name, and none is cut off in the middle."""
    jobs = dict(_jobs(ROOT / ".github/workflows/deploy.yml"))

    assert {name: job["concurrency"]["group"] for name, job in jobs.items()} == {
        "sandbox": "stack-sandbox",
        "production": "stack-prod",
    }
    assert all(job["concurrency"]["cancel-in-progress"] is False for job in jobs.values())
    assert jobs["production"]["needs"] == "sandbox"
    assert jobs["production"]["environment"] == "production"


def test_no_expression_of_a_stranger_reaches_a_shell() -> None:
    """Text from a pull request enters scripts through the environment, never by `${{ }}`."""
    for file in [*FILES, ACTION]:
        content = _read(file)
        steps = (
            content["runs"]["steps"]
            if file == ACTION
            else [step for job in content["jobs"].values() for step in job["steps"]]
        )
        for step in steps:
            shell = step.get("run", "")
            assert not re.search(r"\$\{\{\s*(github\.(event|head)|inputs)", shell), shell


@pytest.mark.skipif(not shutil.which("actionlint"), reason="actionlint is not installed here")
def test_actionlint_accepts_them() -> None:
    """The syntax, the expressions and the events are GitHub's."""
    done = subprocess.run(
        ["actionlint", *map(str, FILES)], text=True, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stdout
