"""`tame render`: the stack for somebody else's tool."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tame_components.cli import OK
from tame_components.cli.screen import note, say
from tame_components.compose.contents import keys_of
from tame_components.compose.errors import SecretsLocked
from tame_components.compose.render import render
from tame_components.compose.writing import write
from tame_components.domain.errors import counted
from tame_components.domain.topology import Topology
from tame_components.ops.durable import writing
from tame_components.ops.project import Project, find_project
from tame_components.ops.pulumi_cli import PulumiCli


@dataclass(frozen=True, slots=True)
class Options:
    """What to write, and where to."""

    what: Literal["compose"]
    output: Path | None
    without_secrets: bool
    force: bool


def run(cwd: Path, stack: str | None, options: Options) -> int:
    """Write the files, and say what is left to do."""
    project = find_project(cwd)
    settings = project.stack_file(stack)
    topology = settings.topology
    keys = None if options.without_secrets else _keys(project, topology)
    rendered = render(topology, keys)
    directory = cwd / (options.output or Path(f"compose-{settings.stack}"))
    with writing(directory):
        left = write(directory, rendered, force=options.force)
    note(f"wrote {counted(len(rendered.files), 'file')} below {directory}")
    for command in left:
        say(f"run as root: {command}")
    for name in rendered.variables:
        say(f"set before the start: {name}")
    return OK


def _keys(project: Project, topology: Topology) -> Mapping[str, str]:
    """The text of every secret, from the stack's own configuration.

    Raises:
        SecretsLocked: Pulumi cannot decrypt it here.
    """
    stack = topology.stack
    said = PulumiCli(project.root).run("config", "--show-secrets", "--json", "--stack", stack)
    if not said.well:
        raise SecretsLocked(stack, said.why)
    found: dict[str, Any] = json.loads(said.out)
    root = found.get("tame:root_secret", {}).get("value")
    if not root:
        raise SecretsLocked(stack, "`tame:root_secret` is not set")
    given = _plain(found.get("tame:secrets", {}).get("value") or "{}")
    return keys_of(topology, root, given)


def _plain(text: str) -> dict[str, str]:
    """`{service: {name: value}}` as `{service.name: value}`."""
    return {
        f"{service}.{name}": str(value)
        for service, names in json.loads(text).items()
        for name, value in names.items()
    }
