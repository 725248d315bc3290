"""Both stand-in plugins under the real Pulumi engine: up, again, refresh, drift, destroy."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker.api.client import APIClient

from tests.toolchain.docker_provider.conftest import IMAGE


pytestmark = [pytest.mark.engine, pytest.mark.e2e]

CANARY = "canary-7f3a9c-secret"
ROOT = Path(__file__).parents[3]
WHOLE = """
    import os
    import pulumi
    import pulumi_command as command
    import pulumi_docker as docker

    NAME, IMAGE, MARKER = os.environ["NAME"], os.environ["IMAGE"], os.environ["MARKER"]
    SECRET = pulumi.Output.secret(os.environ["SECRET"])
    RUNS = ["/bin/busybox", "sleep", "600"]
    child = pulumi.ResourceOptions(
        provider=docker.Provider("engine", host=os.environ["ENGINE"])
    )
    network = docker.Network(
        "net",
        name=NAME,
        labels=[docker.NetworkLabelArgs(label="tame.stack", value="test")],
        opts=child,
    )
    volume = docker.Volume("volume", name=NAME, opts=child)
    docker.RemoteImage("image", name=IMAGE, keep_locally=True, opts=child)
    docker.Container(
        "first",
        name=f"{NAME}-first",
        image=IMAGE,
        command=RUNS,
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=network.name, aliases=["first"])
        ],
        volumes=[docker.ContainerVolumeArgs(volume_name=volume.name, container_path="/config")],
        uploads=[docker.ContainerUploadArgs(file="/run/secrets/key", content=SECRET)],
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=["CMD", "/bin/busybox", "test", "-s", "/run/secrets/key"],
            interval="1s",
            timeout="5s",
            retries=3,
        ),
        wait=True,
        wait_timeout=120,
        memory=64,
        memory_swap=64,
        opts=child,
    )
    docker.Container(
        "second",
        name=f"{NAME}-second",
        image=IMAGE,
        command=RUNS,
        envs=[pulumi.Output.concat("SECRET=", SECRET)],
        networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=network.name)],
        restart="unless-stopped",
        opts=child,
    )
    command.local.Command(
        "command",
        create='printf %s "$KEY" > ' + MARKER + '; echo "$KEY"',
        delete="rm -f " + MARKER,
        environment={"KEY": SECRET},
    )
"""
SICK = """
    import os
    import pulumi
    import pulumi_docker as docker

    docker.Container(
        "sick",
        name=os.environ["NAME"],
        image=os.environ["IMAGE"],
        command=["/bin/busybox", "sleep", "600"],
        network_mode="none",
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=["CMD", "/bin/busybox", "TEST"], interval="1s", retries=1
        ),
        wait=True,
        wait_timeout=PATIENCE,
        EXTRA
        opts=pulumi.ResourceOptions(
            provider=docker.Provider("engine", host=os.environ["ENGINE"])
        ),
    )
"""


@dataclass(frozen=True)
class Stack:
    """A stack with state, plugins and a name of its own."""

    directory: Path
    cli: str
    environment: dict[str, str]

    def program(self, text: str) -> None:
        """Make *text* the program."""
        (self.directory / "__main__.py").write_text(textwrap.dedent(text))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI to its end."""
        return subprocess.run(
            [self.cli, *arguments, "--non-interactive"],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def change(self, *arguments: str) -> str:
        """Run a verb that must succeed; what it says."""
        done = self.run(*arguments, "--yes", "--skip-preview", "--color", "never")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def state(self) -> str:
        """All that Pulumi keeps, as JSON."""
        done = self.run("stack", "export")
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def stack(tmp_path: Path, host: str, api: APIClient, name: str) -> Iterator[Stack]:
    cli = shutil.which("pulumi", path=f"{ROOT / '.tame' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if cli is None:
        pytest.skip("no Pulumi: run `ci/toolchain/ensure`")
    binaries, directory = tmp_path / "bin", tmp_path / "project"
    for made in (binaries, directory, tmp_path / "state"):
        made.mkdir()
    for plugin, module in (
        ("language-python", "language_host"),
        ("resource-docker", "docker_provider"),
        ("resource-command", "command_provider"),
    ):
        wrapper = binaries / f"pulumi-{plugin}"
        run = f"{sys.executable} -P -m testbed.toolchain.{module}"
        wrapper.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {run} "$@"\n')
        wrapper.chmod(0o755)
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{binaries}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "trial",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "NAME": name,
        "IMAGE": IMAGE,
        "ENGINE": host,
        "MARKER": str(tmp_path / "marker"),
        "SECRET": CANARY,
    }
    one = Stack(directory, cli, environment)
    (directory / "Pulumi.yaml").write_text(json.dumps({"name": "trial", "runtime": "python"}))
    done = one.run("stack", "init", "trial")
    assert done.returncode == 0, done.stderr
    with (directory / "Pulumi.trial.yaml").open("a") as settings:
        settings.write('config:\n  tame:rehearsal: "true"\n')
    yield one
    one.run("destroy", "--yes", "--skip-preview")
    for found in api.containers(all=True, filters={"name": name}):
        api.remove_container(found["Id"], v=True, force=True)


def test_loop(stack: Stack, api: APIClient, name: str) -> None:
    """Up makes everything, another up and a refresh change nothing, destroy leaves nothing.

    In between, drift is put back; and no secret is in the state or in what is said.
    """
    stack.program(WHOLE)
    marker = Path(stack.environment["MARKER"])

    said = stack.change("up")
    assert "+ 8 created" in said
    assert marker.read_text() == CANARY
    assert api.inspect_container(f"{name}-first")["State"]["Health"]["Status"] == "healthy"

    again = stack.change("up", "--expect-no-changes")
    assert "8 unchanged" in again
    refreshed = stack.change("refresh", "--expect-no-changes")
    assert "8 unchanged" in refreshed

    api.stop(f"{name}-second", timeout=0)
    api.remove_container(f"{name}-first", force=True)
    healed = stack.change("up", "--refresh")
    assert "+ 1 created" in healed
    assert "~ 1 updated" in healed
    assert "6 unchanged" in healed
    assert api.inspect_container(f"{name}-second")["State"]["Running"]

    assert CANARY not in stack.state()
    gone = stack.change("destroy")
    for text in (said, again, refreshed, healed, gone):
        assert CANARY not in text
    assert not api.containers(all=True, filters={"name": name})
    assert not api.networks(names=[name])
    assert not api.volumes(filters={"name": name})["Volumes"]
    assert not marker.exists()


def test_half_made_container_stays_in_the_state(stack: Stack, api: APIClient, name: str) -> None:
    """One that never becomes healthy stays in the state; the corrected program replaces it."""
    program = SICK.replace("EXTRA\n", "\n")
    stack.program(program.replace("TEST", "false").replace("PATIENCE", "3"))
    failed = stack.run("up", "--yes", "--skip-preview")
    assert failed.returncode != 0
    assert "container failed to be in healthy state" in failed.stdout
    half_made = api.inspect_container(name)["Id"]
    resources = json.loads(stack.state())["deployment"]["resources"]
    (sick,) = (one for one in resources if one["type"].endswith(":Container"))
    assert sick["id"] == half_made
    assert "container failed to be in healthy state" in sick["initErrors"][0]

    stack.program(program.replace("TEST", "true").replace("PATIENCE", "60"))
    assert "1 replaced" in stack.change("up")
    shown = api.inspect_container(name)
    assert shown["Id"] != half_made
    assert shown["State"]["Health"]["Status"] == "healthy"


def test_a_refusal_reaches_the_user(stack: Stack) -> None:
    """A property that the stand-in does not know is refused by name, with a code."""
    refused = 'device_cgroup_rules=["c 1:1 rwm"],'
    stack.program(SICK.replace("EXTRA", refused).replace("PATIENCE", "3"))
    failed = stack.run("preview", "--color", "never")
    assert failed.returncode != 0
    assert "`deviceCgroupRules` is not implemented by the stand-in docker plugin" in failed.stdout
    assert "TAME751" in failed.stdout
