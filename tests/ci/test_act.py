"""Workflows run on this machine: what is played, what is passed on, and the real runner."""

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from testbed.act import hosted, program, report, runner
from testbed.act.errors import WorkflowUnknown


ROOT = Path(__file__).parents[2]
OWN = "actions/checkout"  # the runner's part: it copies the repository


def call(home: Path, repository: Path, workflow: str = "pull-request", **changes: Any) -> Any:
    """One run, with nothing secret and nothing of the hosted service."""
    facts: dict[str, Any] = {
        "act": program.find(os.environ) or Path("act"),
        "repository": repository,
        "workflow": workflow,
        "home": home,
        "commit": "0" * 40,
        "actions": hosted.write_actions(home / "actions"),
        "variables": {"PULUMI_BACKEND_URL": "file:///nowhere"},
        "environment": {"TAME_ACT_KEPT": str(home / "kept")},
        "secrets": {"PULUMI_CONFIG_PASSPHRASE": "hidden"},
    }
    return runner.Call(**{**facts, **changes})


@pytest.mark.parametrize("workflow", runner.WORKFLOWS)
def test_every_action_that_runs_here_is_played(workflow: str, tmp_path: Path) -> None:
    """Nothing is downloaded: an action without a part here would stop the run."""
    one = call(tmp_path, ROOT, workflow)
    told = " ".join(one.command())

    for used in runner.uses(one.file):
        repository = "/".join(used.partition("@")[0].split("/")[:2])
        assert repository == OWN or f"--local-repository {repository}@" in told, used
    for place in one.actions.values():
        assert list(place.rglob("action.yml")), place


def test_no_secret_is_on_a_command_line(tmp_path: Path) -> None:
    """Other users of the machine read command lines; secrets go by a file of its owner's."""
    assert "hidden" not in " ".join(call(tmp_path, ROOT).command())


def test_an_unknown_workflow_or_one_that_is_not_ours_is_refused() -> None:
    """What does not run here is said with what does."""
    with pytest.raises(WorkflowUnknown, match="nightly"):
        runner.jobs("nightly")
    assert runner.jobs("deploy") == ("sandbox", "production")


def test_a_report_counts_steps_once_and_keeps_failures() -> None:
    """An action's inner steps are part of it; a job that failed makes the run fail."""
    main = {"jobID": "a", "stage": "Main", "stepResult": "success", "executionTime": 2e9}
    lines = [
        {**main, "stepID": ["0"], "step": "actions/x@abc"},
        {**main, "stepID": ["0", "1"], "step": "inner"},
        {**main, "stepID": ["1"], "step": "ci/check", "stepResult": "failure"},
        {"jobID": "a", "level": "error", "msg": "exit status 3"},
        {"jobID": "a", "jobResult": "failure", "msg": "failed"},
    ]
    found = report.read([*map(json.dumps, lines), "Error: no JSON\n"])

    assert [(one.name, one.result, one.seconds) for one in found.steps] == [
        ("actions/x", "success", 2.0),
        ("ci/check", "failure", 2.0),
    ]
    assert found.errors == ["a: exit status 3"]
    assert not found.passed
    assert not report.Report().passed


def test_a_comment_is_made_once_and_changed_after(tmp_path: Path) -> None:
    """The played API keeps what GitHub would keep, and knows nothing else."""
    file = tmp_path / "comments.json"
    with hosted.comments(file) as address:

        def ask(method: str, path: str, body: str | None = None) -> Any:
            sent = None if body is None else json.dumps({"body": body}).encode()
            url = f"http://{address}/repos/home/media/{path}"
            request = urllib.request.Request(url, sent, method=method)
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
                return json.load(answer)

        made = ask("POST", "issues/7/comments", "first")
        ask("PATCH", f"issues/comments/{made['id']}", "second")

        assert [one["body"] for one in ask("GET", "issues/7/comments?per_page=100")] == ["second"]
        assert ask("GET", "issues/8/comments") == []
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask("GET", "releases")


def test_a_wrapper_is_not_wrapped(tmp_path: Path) -> None:
    """These tests run in the runner too, whose own wrapper would lead to the runner's server."""
    (tmp_path / "real").mkdir()
    real = tmp_path / "real/gh"
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    hosted.write_wrapper(tmp_path / "wrapped", real, "127.0.0.1:9")

    assert hosted.find_gh(f"{tmp_path / 'wrapped'}:{tmp_path / 'real'}") == real
    assert hosted.find_gh(str(tmp_path / "wrapped")) is None


@pytest.mark.skipif(
    program.find(os.environ) is None or not shutil.which("git") or not shutil.which("node"),
    reason="act, or the Git and Node.js that it needs, is not installed here: `ci/act` builds act",
)
@pytest.mark.skipif("ACT" in os.environ, reason="a runner does not run in a runner")
def test_the_runner_runs_steps_and_played_actions(tmp_path: Path) -> None:
    """A secret, a variable and the pull request's number arrive; what is uploaded is kept."""
    repository = tmp_path / "repository"
    flows = repository / ".github/workflows"
    flows.mkdir(parents=True)
    upload = next(one for one in runner.uses(ROOT / ".github/workflows/deploy.yml") if "up" in one)
    (flows / "pull-request.yml").write_text(
        f"""\
on: pull_request
jobs:
  one:
    runs-on: ${{{{ vars.TAME_RUNNER || 'ubuntu-24.04' }}}}
    env: {{PHRASE: "${{{{ secrets.PULUMI_CONFIG_PASSPHRASE }}}}"}}
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - run: echo "${{{{ github.event.pull_request.number }}}} ${{#PHRASE}} $PWD" > told
      - uses: {upload}
        with: {{name: evidence, path: told absent, if-no-files-found: ignore}}
      - run: exit 3
"""
    )
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *command], cwd=repository, check=True)

    found = runner.run(call(tmp_path / "home", repository), lambda _: None)

    number, length, where = (tmp_path / "home/kept/evidence/told").read_text().split()
    assert (number, length) == ("1", "6")
    assert where != str(repository)  # a copy: the checkout stays as it is
    assert [one.result for one in found.steps] == ["success", "success", "success", "failure"]
    assert found.jobs == {"one": "failure"}
    assert not (tmp_path / "home/secrets").exists()
