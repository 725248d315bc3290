"""Laying out what is compared: the same services, once for each of the three."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import yaml

from bench import compose_file, flat
from bench.cases import dev_services, equal_services
from bench.composer import Composer
from bench.errors import MeasurementFailed
from bench.subjects import ComposeSubject, PulumiSubject
from bench.workplace import Workplace
from tame_components.compose.contents import keys_of
from tame_components.domain.rendering import container_of
from tame_components.domain.topology import Topology
from testbed.dev import topology_of
from testbed.project import ROOT, lay_out


_EMPTY_PACK = """\
from pulumi_policy import PolicyPack, ResourceValidationPolicy

PolicyPack(
    "empty",
    policies=[ResourceValidationPolicy("none", "Judges nothing", validate=lambda *_: None)],
)
"""

Case = tuple[dict[str, Any], dict[str, str]]
"""Settings, and the secrets that a person has to give, by `<service>.<secret>`."""

_ROOT_SECRET = "benchmark-root-secret-of-no-value-0123456789"  # noqa: S105 - guards a rehearsal


class Services(Protocol):
    """Which services: their settings for a stack whose data is below *home*."""

    def __call__(self, host: str, home: Path, /) -> Case:
        """The settings for the engine at *host*."""


def equal(count: int) -> Services:
    """*count* services of one application."""
    return lambda host, home: (equal_services(host, home, count), {})


def dev(host: str, home: Path, /) -> Case:
    """The dev stack."""
    return dev_services(host, home)


def tame(
    place: Workplace, services: Services, name: str = "tame", *, policies: bool = False
) -> PulumiSubject:
    """TAME's own program."""
    stack, home = f"{place.run}-{name}", _home(place, name)
    settings, given = services(place.host, home)
    secrets = {f"secrets.{path}": value for path, value in given.items()}
    try:
        lay_out(home / "project", stack, settings, {"root_secret": _ROOT_SECRET, **secrets})
    except subprocess.CalledProcessError as error:
        raise MeasurementFailed(error.cmd, "failed", f"{error.stdout}{error.stderr}") from error
    flags = ("--policy-pack", str(home / "project" / "policies")) if policies else ()
    return PulumiSubject("TAME", place, stack, home, topology_of(stack, settings), flags)


def by_hand(place: Workplace, services: Services, name: str = "flat") -> PulumiSubject:
    """The flat program with the same resources."""
    stack, home = f"{place.run}-{name}", _home(place, name)
    settings, given = services(place.host, home)
    topology = topology_of(stack, settings)
    keys = keys_of(topology, _ROOT_SECRET, given)
    project = home / "project"
    project.mkdir(exist_ok=True)
    (project / ".venv").symlink_to(ROOT / ".venv")
    (project / "__main__.py").write_text(flat.program(topology, _facts(topology), keys))
    runtime = {"name": "python", "options": {"virtualenv": ".venv"}}
    _write(project / "Pulumi.yaml", {"name": "flat", "runtime": runtime})
    # The stand-in language host serves rehearsals only, by this key.
    config = {
        "pulumi:disable-default-providers": ["command", "docker"],
        "tame:rehearsal": True,
    }
    _write(project / f"Pulumi.{stack}.yaml", {"config": config})
    _pulumi(project, "stack", "init", stack)
    _pulumi(
        project, "config", "set", "--stack", stack, "--secret", "flat:keys", text=json.dumps(keys)
    )
    return PulumiSubject("flat program", place, stack, home, topology)


def empty_pack(place: Workplace) -> Path:
    """A policy pack that judges nothing: what Pulumi and its SDK alone cost."""
    home = _home(place, "empty-pack")
    (home / ".venv").symlink_to(ROOT / ".venv")
    runtime = {"name": "python", "options": {"virtualenv": ".venv"}}
    _write(home / "PulumiPolicy.yaml", {"runtime": runtime})
    (home / "__main__.py").write_text(_EMPTY_PACK)
    return home


def compose(
    place: Workplace, services: Services, composer: Composer, name: str = "peer"
) -> ComposeSubject:
    """The Compose file with the same containers."""
    stack, home = f"{place.run}-{name}", _home(place, name)
    settings, given = services(place.host, home)
    topology = topology_of(stack, settings)
    keys = keys_of(topology, _ROOT_SECRET, given)
    compose_file.write(home, topology, keys, old=not composer.waits)
    label = "docker compose" if composer.waits else "docker-compose v1, then polling"
    return ComposeSubject(label, place, stack, home, topology, composer)


def _facts(topology: Topology) -> dict[str, Any]:
    return {service.name: container_of(topology, service) for service in topology.services}


def _home(place: Workplace, name: str) -> Path:
    home = place.directory / name
    home.mkdir(exist_ok=True)
    return home


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(yaml.safe_dump(dict(content), sort_keys=False))


def _pulumi(project: Path, *arguments: str, text: str | None = None) -> None:
    command = ["pulumi", "--non-interactive", *arguments]
    done = subprocess.run(
        command, cwd=project, input=text, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise MeasurementFailed(command, "failed", done.stdout + done.stderr)
