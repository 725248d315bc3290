"""A project of its own in which the real CLI judges a program with the pack."""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.harness.rehearsal import environment


ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    """What a command line did."""

    code: int
    text: str


class Project:
    """Runs the real CLI on a program, with the pack."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "project"
        self.directory.mkdir()
        runtime = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
        described = json.dumps({"name": "tame", "runtime": runtime})
        (self.directory / "Pulumi.yaml").write_text(described)
        self.env = environment(directory)

    def run(self, verb: str, program: str, *, config: str = "", policy: str = "") -> Done:
        """`pulumi <verb>` of *program* with the stack's *config* and the pack's, both as JSON."""
        (self.directory / "__main__.py").write_text(program)
        (self.directory / "Pulumi.test.yaml").write_text(f'{{"config": {config or "{}"}}}')
        (self.directory / "policy.json").write_text(policy or "{}")
        self._call("pulumi", "stack", "select", "--create", "test")
        return self._call(
            *("pulumi", verb, "--stack", "test", "--policy-pack", str(ROOT / "policies")),
            *("--policy-pack-config", "policy.json"),
            *(("--yes", "--skip-preview") if verb == "up" else ()),
        )

    def _call(self, *command: str) -> Done:
        done = subprocess.run(
            [*command, "--non-interactive"],
            cwd=self.directory,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Done(done.returncode, done.stdout + done.stderr)
