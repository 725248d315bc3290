"""HostPreparation under the real Pulumi engine, on a host that is reached over SSH."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolchain.command_provider.conftest import Server


pytestmark = [pytest.mark.engine, pytest.mark.e2e]

ROOT = Path(__file__).parents[3]
PROGRAM = """
import json, os, pulumi
import pulumi_command as command
from tame_components.resources.host_preparation import HostPreparation, HostPreparationArgs
from tame_components.resources.secrets import StackSecrets
from tests.harness import stacks

topology = stacks.only("radarr", vpn=None, **json.loads(os.environ["SETTINGS"]))
secrets = StackSecrets(stack="test", root="r" * 32, given={"host.ssh-key": os.environ["KEY"]})
ours = pulumi.ResourceOptions(providers=[command.Provider("host")])
args = HostPreparationArgs(topology=topology, secrets=secrets)
made = HostPreparation("host", args, ours)
pulumi.export("data_root", made.data_root)
pulumi.export("notes", made.notes)
"""


class Trial:
    """A stack with state and plugins of its own."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.project, binaries = folder / "project", folder / "bin"
        for made in (self.project, binaries, folder / "state"):
            made.mkdir()
        for plugin, module in (
            ("language-python", "language_host"),
            ("resource-command", "command_provider"),
        ):
            run = f"{sys.executable} -P -m testbed.toolchain.{module}"
            (binaries / f"pulumi-{plugin}").write_text(
                f'#!/bin/sh\nPYTHONPATH={ROOT} exec {run} "$@"\n'
            )
            (binaries / f"pulumi-{plugin}").chmod(0o755)
        settings = {"name": "trial", "runtime": "python"}
        (self.project / "Pulumi.yaml").write_text(json.dumps(settings))
        (self.project / "__main__.py").write_text(PROGRAM)
        over = {
            "host": "127.0.0.1",
            "port": server.connection["port"],
            "host_key": server.host_key,
        }
        self.settings = {
            "data": {"root": str(folder / "data")},
            "config_root": str(folder / "config"),
            "engine": "ssh://root@nas",
            "preparation": {"over": over, "log_rotation": False},
        }
        self.environment = {
            "HOME": str(folder),
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "trial",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PYTHONPATH": str(ROOT),
            "KEY": server.connection["privateKey"],
        }

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI to its end."""
        path = f"{ROOT / '.tame' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        cli = shutil.which("pulumi", path=path)
        if cli is None:
            pytest.skip("no Pulumi: run `ci/toolchain/ensure`")
        return subprocess.run(
            [cli, *arguments, "--non-interactive"],
            cwd=self.project,
            env={**self.environment, "SETTINGS": json.dumps(self.settings)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        """Deploy, whether it works or not."""
        return self.pulumi("up", "--yes", "--skip-preview", "--color", "never")


def test_a_host_is_prepared_over_ssh(tmp_path: Path, server: Server) -> None:
    """It stops without the marker, prepares with it, rests then, and keeps no key in plain."""
    trial = Trial(tmp_path, server)
    trial.pulumi("stack", "init", "test")
    trial.pulumi("config", "set", "tame:rehearsal", "true")
    data = tmp_path / "data"
    data.mkdir()

    refused = trial.up()
    assert refused.returncode != 0
    assert "TAME503" in refused.stdout + refused.stderr
    assert list(data.iterdir()) == []

    (data / ".tame-data-root").touch()
    done = trial.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (data / "media" / "movies").stat().st_mode & 0o2070 == 0o2070
    assert (tmp_path / "config" / "radarr").is_dir()
    assert trial.pulumi("preview", "--expect-no-changes").returncode == 0

    state = trial.pulumi("stack", "export").stdout
    assert "ciphertext" in state
    assert "PRIVATE KEY" not in state + done.stdout + done.stderr
    assert trial.pulumi("destroy", "--yes", "--skip-preview").returncode == 0
    assert (data / "media" / "movies").is_dir()
