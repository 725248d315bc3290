"""A Pulumi project for a rehearsal, beside the committed one and never inside it.

The project has the committed programs by link and settings of its own, so that rehearsing leaves
the working tree as it was: keys, salts and this machine's paths stay in a private directory.
"""

import os
import secrets as random
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tame_components.domain.holding import secrets_of
from tame_components.domain.paths import MARKER
from tame_components.domain.topology import Topology


ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Project:
    """Where a rehearsal stack is deployed from."""

    directory: Path
    stack: str

    @property
    def file(self) -> Path:
        """The stack's settings."""
        return self.directory / f"Pulumi.{self.stack}.yaml"

    def pulumi(self, *arguments: str, stdin: str | None = None) -> str:
        """Run Pulumi in the project and return what it prints.

        Raises:
            subprocess.CalledProcessError: it failed; the error holds what it printed.
        """
        command = ["pulumi", "-C", str(self.directory), "--non-interactive", *arguments]
        done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=True)
        return done.stdout

    def config(self) -> dict[str, Any]:
        """What the settings file holds now; empty where there is none yet."""
        if not self.file.exists():
            return {}
        content: dict[str, Any] = yaml.safe_load(self.file.read_text()) or {}
        return content


def lay_out(
    directory: Path, stack: str, settings: Mapping[str, Any], secrets: Mapping[str, str]
) -> Project:
    """Make or bring up to date the project of a rehearsal stack; a second call changes nothing.

    Args:
        directory: of the project.
        stack: its name.
        settings: the `tame:` keys, without prefix. Replace what stands there.
        secrets: by path below `tame:`, e.g. `secrets.gluetun.wireguard_private_key`. Set once.
    """
    project = Project(directory, stack)
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("stacks", "policies", ".venv"):  # Pulumi looks for the pack's beside its link
        link = directory / name
        if not link.is_symlink():
            link.symlink_to(os.path.relpath(ROOT / name, directory))
    _write(directory / "Pulumi.yaml", _project_file())
    data = Path(settings["data"]["root"])
    data.mkdir(parents=True, exist_ok=True)
    (data / MARKER).touch()
    kept = project.config()
    plain = {f"tame:{key}": value for key, value in settings.items()}
    old = kept.get("config", {})
    hidden = {
        key: value for key, value in old.items() if key in {"tame:root_secret", "tame:secrets"}
    }
    base = {"pulumi:disable-default-providers": ["command", "docker"]}
    _write(project.file, {**kept, "config": {**base, **plain, **hidden}})
    if "encryptionsalt" not in kept or not _known(project):
        _select(project)
    for path, value in {"root_secret": random.token_urlsafe(48), **secrets}.items():
        if not _has(hidden, path):
            project.pulumi(
                "config", "set", "--stack", stack, "--secret", "--path", f"tame:{path}", stdin=value
            )
    return project


def wanted_secrets(topology: Topology) -> tuple[str, ...]:
    """Every secret that a person has to give, by path below `tame:`."""
    return tuple(
        f"secrets.{service.name}.{held.name}"
        for service in topology.services
        for held in secrets_of(topology, service)
        if held.owner == service and held.original.derive == "given" and not held.secret.optional
    )


def _project_file() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    return content


def _write(file: Path, content: Mapping[str, Any]) -> None:
    """Replace *file* in one step; an interrupted run leaves the old or the new one."""
    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)
    if file.exists() and file.read_text() == text:
        return
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.chmod(0o600)
    beside.replace(file)


def _known(project: Project) -> bool:
    """Whether a file backend holds the stack already; asking Pulumi takes longer than `up` may."""
    backend = os.environ.get("PULUMI_BACKEND_URL", "").removeprefix("file://")
    return Path(backend, ".pulumi/stacks/tame", f"{project.stack}.json").exists()


def _select(project: Project) -> None:
    try:
        project.pulumi("stack", "select", project.stack)
    except subprocess.CalledProcessError:
        project.pulumi("stack", "init", project.stack)


def _has(hidden: Mapping[str, Any], path: str) -> bool:
    found: Any = hidden
    for part in f"tame:{path}".split("."):
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return True
