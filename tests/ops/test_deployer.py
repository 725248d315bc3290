"""Deployments through the one interface, on the real engine and a project of two commands."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tame_components.ops.deployer import Deployer, Progress, deployer_of
from tame_components.ops.deployment_errors import DeploymentFailed, StackNotMade
from tame_components.ops.errors import PulumiMissing
from tests.harness.rehearsal import environment
from tests.harness.waiting import eventually


ROOT = Path(__file__).parents[2]
PROGRAM = """
    import pulumi
    import pulumi_command as command

    config = pulumi.Config("tame")
    host = command.Provider("host")
    mine = pulumi.ResourceOptions(provider=host)
    for name in ("one", "two"):
        said = config.get(name) or name
        command.local.Command(name, create=f"echo {said}", opts=mine)
    if config.get("slow"):
        command.local.Command("slow", create=config.require("slow"), opts=mine)
    if config.get("bad"):
        command.local.Command("bad", create="echo no room >&2; exit 3", opts=mine)
    if config.get("crash"):
        raise ValueError("the program is wrong")
    pulumi.export("answer", 42)
    pulumi.export("hidden", pulumi.Output.secret("canary-in-an-output"))
"""

pytestmark = pytest.mark.e2e


class Tiny:
    """A project with a stack, and what was heard of its deployments."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "project"
        self.directory.mkdir()
        (self.directory / "__main__.py").write_text(textwrap.dedent(PROGRAM))
        (self.directory / "Pulumi.yaml").write_text(
            json.dumps(
                {"name": "tiny", "runtime": {"name": "python", "options": {"virtualenv": ".venv"}}}
            )
        )
        (self.directory / ".venv").symlink_to(ROOT / ".venv")
        self.env = environment(directory)
        self.heard: list[Progress] = []
        self.pulumi("stack", "init", "trial", "--no-select")
        self.set("rehearsal", "true")
        self.set("disable-default-providers", '["command"]', namespace="pulumi")

    def pulumi(self, *arguments: str) -> str:
        """Run Pulumi in the project."""
        command = ["pulumi", "--non-interactive", *arguments]
        done = subprocess.run(
            command, cwd=self.directory, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def set(self, key: str, value: str, *, namespace: str = "tame") -> None:
        """Set what the program reads."""
        self.pulumi("config", "set", "--stack", "trial", f"{namespace}:{key}", value)

    def deployer(self, stack: str = "trial") -> Deployer:
        """What is tested."""
        return deployer_of(self.directory, stack, self.env)


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """A project whose stack is made, selected by nobody and not deployed yet."""
    return Tiny(tmp_path)


def test_a_stack_lives_its_whole_life(tiny: Tiny) -> None:
    """Preview, up, up again, change and destroy say by name what they do, and keep secrets."""
    deployer = tiny.deployer()
    preview = deployer.preview()
    assert {step.name for step in preview.steps if "command:local" in step.type} == {"one", "two"}
    assert {step.operation for step in preview.steps} == {"create"}

    done = deployer.up(listener=tiny.heard.append)
    assert done.changes == preview.changes == done.counts["create"]
    assert done.outputs == deployer.outputs() == {"answer": 42}
    assert Progress("begun", "create one") in tiny.heard
    assert Progress("done", "create one") in tiny.heard
    assert deployer.up(expect_no_changes=True).changes == 0

    tiny.set("one", "changed")
    changed = deployer.preview()
    assert [(step.operation, step.name, step.reasons) for step in changed.steps] == [
        ("update", "one", ("create",))
    ]
    with pytest.raises(DeploymentFailed, match="no changes were expected"):
        deployer.preview(expect_no_changes=True)
    assert deployer.refresh().changes == 0
    assert "one" in json.dumps(deployer.export()["deployment"]["resources"])
    assert "canary-in-an-output" not in json.dumps(deployer.export())
    assert deployer.destroy().counts["delete"] == done.counts["create"]


def test_an_error_is_the_engines_own_words_without_a_traceback(tiny: Tiny) -> None:
    """What a command said on its way out is shown; of the program's crash its last line."""
    tiny.set("bad", "true")
    with pytest.raises(DeploymentFailed) as failed:
        tiny.deployer().up()
    assert "no room" in str(failed.value)
    assert "Traceback" not in str(failed.value)
    tiny.set("crash", "true")
    with pytest.raises(DeploymentFailed) as crashed:
        tiny.deployer().preview()
    assert crashed.value.lines == ("ValueError: the program is wrong",)


def test_configuration_goes_in_and_out_and_a_secret_never_in_plain(tiny: Tiny) -> None:
    """A secret goes through a pipe and lies encrypted; what is not set is None; no such stack."""
    deployer = tiny.deployer()
    deployer.set_config("tame:secrets.one.key", "canary-of-the-trial", secret=True)

    assert deployer.config("tame:secrets.one.key") == "canary-of-the-trial"
    assert "canary" not in (tiny.directory / "Pulumi.trial.yaml").read_text()
    assert deployer.config("tame:nothing.of.it") is None
    with pytest.raises(StackNotMade):
        tiny.deployer("nobody").preview()


def test_without_pulumi_it_says_where_to_get_it(tmp_path: Path) -> None:
    """No stack trace of a missing file."""
    with pytest.raises(PulumiMissing):
        deployer_of(tmp_path, "trial", {"PATH": str(tmp_path)})


def _interrupted(tiny: Tiny, number: signal.Signals) -> subprocess.Popen[str]:
    """A deployment in a process of its own, which got *number* while a resource was being made."""
    begun, go = tiny.directory / "begun", tiny.directory / "go"
    tiny.set("slow", f"touch {begun}; while [ ! -e {go} ]; do sleep 0.05; done; echo ended")
    program = (
        "import sys; from pathlib import Path\n"
        "from tame_components.ops.deployer import deployer_of\n"
        "deployer_of(Path(sys.argv[1]), 'trial').up()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tiny.directory)],
        cwd=ROOT,
        env=tiny.env,
        text=True,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    eventually(begun.exists, within=120)
    os.kill(process.pid, number)
    return process


def _unlocked(tiny: Tiny) -> Callable[[], bool]:
    locks = tiny.directory.parent / "state/.pulumi/locks"
    return lambda: not [file for file in locks.rglob("*.json") if file.is_file()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_deployment_leaves_a_stack_that_can_go_on(
    tiny: Tiny, number: signal.Signals
) -> None:
    """The engine ends what it has begun, writes its state, and takes its lock away."""
    process = _interrupted(tiny, number)
    (tiny.directory / "go").touch()
    _, said = process.communicate(timeout=120)
    assert process.returncode != 0
    eventually(_unlocked(tiny), within=120)

    assert ("KeyboardInterrupt" in said) == (number is signal.SIGINT)
    assert tiny.deployer().export()["deployment"].get("pending_operations") is None
    assert tiny.deployer().up().outputs == {"answer": 42}
