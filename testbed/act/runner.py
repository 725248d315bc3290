"""The runner's command line, and what each workflow is run with."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from testbed.act import report
from testbed.act.errors import WorkflowUnknown
from testbed.act.report import Report
from testbed.project import ROOT


WORKFLOWS: Final = {"pull-request": "pull_request", "deploy": "push"}
"""Those that run here, and the event that starts each."""
NUMBER: Final = 1
"""Of the pull request."""
_LABEL: Final = "ubuntu-24.04"
_OURS: Final = ("PULUMI_", "TAME_", "GITHUB_", "GH_", "DOCKER_HOST", "VIRTUAL_ENV")
"""What a runner's machine would not have of this one's environment."""


@dataclass(frozen=True, slots=True)
class Call:
    """One run of `act`."""

    act: Path
    repository: Path
    workflow: str
    home: Path
    """For the runner's workspaces, the event and the secrets."""
    commit: str
    actions: Mapping[str, Path]
    """The repository of each action that is played, and where it lies."""
    variables: Mapping[str, str]
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    job: str | None = None

    @property
    def file(self) -> Path:
        """The workflow's file."""
        return self.repository / f".github/workflows/{self.workflow}.yml"

    def command(self) -> list[str]:
        """`act` and its arguments; no secret is among them."""
        command = [str(self.act), WORKFLOWS[self.workflow], "--json"]
        command += ["--directory", str(self.repository), "--workflows", str(self.file)]
        command += ["--platform", f"{_LABEL}=-self-hosted", "--action-offline-mode"]
        command += ["--action-cache-path", str(self.home / "runner"), "--no-cache-server"]
        command += ["--eventpath", str(self.home / "event.json")]
        command += ["--secret-file", str(self.home / "secrets")]
        command += ["--env-file", os.devnull, "--var-file", os.devnull, "--actor", "rehearsal"]
        for name, value in self.variables.items():
            command += ["--var", f"{name}={value}"]
        for name, value in self.environment.items():
            command += ["--env", f"{name}={value}"]
        for used in sorted(set(uses(self.file))):
            action, _, ref = used.partition("@")
            repository = "/".join(action.split("/")[:2])
            if repository in self.actions:
                place = self.actions[repository]
                command += ["--local-repository", f"{repository}@{ref}={place}"]
        if self.job:
            command += ["--job", self.job]
        return command

    def event(self) -> dict[str, Any]:
        """What the hosted service would tell the runner."""
        repository = {"full_name": "home/media", "fork": False, "default_branch": "main"}
        if WORKFLOWS[self.workflow] == "push":
            return {"ref": "refs/heads/main", "after": self.commit, "repository": repository}
        return {
            "action": "opened",
            "number": NUMBER,
            "repository": repository,
            "pull_request": {
                "number": NUMBER,
                "head": {"ref": "newer", "sha": self.commit, "repo": repository},
                "base": {"ref": "main", "repo": repository},
            },
        }


def jobs(workflow: str, root: Path = ROOT) -> tuple[str, ...]:
    """The jobs of a workflow, in the file's order.

    Raises:
        WorkflowUnknown: it does not run here.
    """
    if workflow not in WORKFLOWS:
        raise WorkflowUnknown("workflow", workflow, tuple(WORKFLOWS))
    content = yaml.safe_load((root / f".github/workflows/{workflow}.yml").read_text("utf-8"))
    return tuple(content["jobs"])


def uses(workflow: Path) -> Iterator[str]:
    """Each `uses:` of a workflow."""
    for job in yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                yield step["uses"]


def run(call: Call, say: Callable[[str], None]) -> Report:
    """Run it, and pass on what the steps print."""
    call.home.mkdir(parents=True, exist_ok=True)
    (call.home / "event.json").write_text(json.dumps(call.event()))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    with (
        _secrets(call),
        subprocess.Popen(
            call.command(),
            env=clean,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - for the type checker
        return report.read(process.stdout, say)


@contextmanager
def _secrets(call: Call) -> Iterator[None]:
    """The file with the secrets, there for as long as the run takes, for its owner alone."""
    file = call.home / "secrets"
    file.touch(0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in call.secrets.items()))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
