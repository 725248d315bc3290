"""`python -m testbed.previews FILE`: what a settings file would make, with dummy secrets.

Works in a scratch project, so the file and the checkout stay as they are, and asks no engine.
"""

import argparse
import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from tame_components.catalog import catalog, refusals
from tame_components.domain.compose import compose_topology
from tame_components.domain.errors import TameError
from tame_components.domain.lock import lock_file
from tame_components.domain.settings_check import check_settings
from tame_components.domain.topology import Topology
from tame_components.ops.deployer import Outcome, deployer_of
from tame_components.ops.deployment_errors import DeploymentFailed
from tame_components.ops.review import markdown, review
from testbed.project import Project, lay_out, wanted_secrets


_NOT_WELL = 3
_DUMMY = "dummy-0123456789-0123456789-0123456789"


def read(file: Path) -> tuple[str, dict[str, Any]]:
    """The stack's name and its plain settings."""
    content = yaml.safe_load(file.read_text())["config"]
    stack = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    return stack, {
        key.removeprefix("tame:"): value
        for key, value in content.items()
        if key.startswith("tame:") and key not in {"tame:root_secret", "tame:secrets"}
    }


def _dummies(topology: Topology) -> dict[str, str]:
    return dict.fromkeys(wanted_secrets(topology), _DUMMY)


def _lock(directory: Path, topology: Topology) -> None:
    """Digests of nothing, where production asks for some: no registry is asked either."""
    lines = [
        f'"{service.image}" = "sha256:{hashlib.sha256(str(service.image).encode()).hexdigest()}"'
        for service in topology.services
    ]
    text = "\n".join(["[images]", *sorted(set(lines))])
    lock_file(directory, topology.stack).write_text(f"{text}\n")


@contextlib.contextmanager
def scratch(file: Path) -> Iterator[tuple[Project, Topology]]:
    """A project with the settings of *file*, dummy secrets and a lock, for as long as it takes."""
    stack, settings = read(file)
    checked = check_settings(file.name, stack, settings)
    topology = compose_topology(checked, catalog(), refusals())
    with tempfile.TemporaryDirectory(prefix="tame-preview-") as directory:
        home = Path(directory)
        (home / "state").mkdir()
        os.environ["PULUMI_BACKEND_URL"] = f"file://{home / 'state'}"
        # A preview asks no engine and looks at no folder; only the data root is not the file's.
        settings |= {"data": {**settings["data"], "root": str(home / "data")}}
        project = lay_out(home / "project", stack, settings, _dummies(topology))
        _lock(project.directory, topology)
        yield project, topology


def preview(file: Path, *flags: str) -> int:
    """Preview *file* with the policies; the exit code of Pulumi."""
    with scratch(file) as (project, topology):
        command = ["pulumi", "-C", str(project.directory), "preview", "--stack", topology.stack]
        pack = ["--policy-pack", str(project.directory / "policies")]
        return subprocess.run([*command, *pack, *flags], check=False).returncode


def write_review(file: Path, target: Path) -> int:
    """Write what *file* would make to *target*, for people; 3 where it cannot be deployed."""
    with scratch(file) as (project, topology):
        deployer = deployer_of(project.directory, topology.stack)
        try:
            outcome = deployer.preview(policies=project.directory / "policies")
            found = review(topology, outcome)
        except DeploymentFailed as error:
            found = review(topology, Outcome("preview"), str(error))
    target.write_text(markdown([found]), "utf-8")
    return _NOT_WELL if found.failed or found.violations else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m testbed.previews", description=__doc__)
    parser.add_argument("file", type=Path, help="e.g. stacks/examples/Pulumi.nas.yaml")
    parser.add_argument("--review", type=Path, metavar="FILE", help="write it for people, instead")
    told, flags = parser.parse_known_args(arguments)
    try:
        return write_review(told.file, told.review) if told.review else preview(told.file, *flags)
    except TameError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
