"""docs/reference/cli.md: what `tame` says about itself."""

import os
from collections.abc import Iterator
from unittest import mock

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from docs.generator import markdown as md
from tame_components.cli.app import app


_INTRODUCTION = """\
# The `tame` command

What Pulumi's own command line has no verb for. Deploying stays Pulumi's: `pulumi preview`,
`pulumi up`, `pulumi destroy`. Every verb takes the stack's name last and finds the project in the
current directory or above it. `--json` is for machines; without colour nothing is lost.

| exit code | means |
| --- | --- |
| 0 | all is well |
| 1 | an error; the message has a code, which [troubleshooting](../troubleshooting.md) explains |
| 2 | a wrong command line |
| 3 | the verb worked, and what it found is not well |
| 1, 2 | `tame lint` alone: a file breaks the doctrine; a file cannot be read |
| 130 | Ctrl-C |
"""

_COLUMNS = 88


def verbs() -> tuple[str, ...]:
    """Every verb, in the order of the help."""
    return tuple(_group().commands)


def page() -> str:
    """The whole page."""
    parts = [md.notice("`tame VERB --help`"), *_INTRODUCTION.split("\n")]
    # Typer's help follows the terminal and its mood: here it must not.
    with mock.patch.dict(os.environ, {"COLUMNS": str(_COLUMNS), "NO_COLOR": "1"}):
        for name, command in _commands("", _group()):
            parts += [f"## tame {name}", "", "```text", *_help(name, command), "```", ""]
    return md.document(parts)


def _commands(prefix: str, group: TyperGroup) -> Iterator[tuple[str, TyperCommand]]:
    """Every verb and, below a group, every verb of it."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(f"{prefix}{name} ", command)
        elif isinstance(command, TyperCommand):
            yield f"{prefix}{name}", command


def _group() -> TyperGroup:
    group = get_command(app)
    assert isinstance(group, TyperGroup)  # noqa: S101 - an app with more than one verb is one
    return group


def _help(name: str, command: TyperCommand) -> list[str]:
    context = typer.Context(
        command,
        info_name=f"tame {name}",
        max_content_width=_COLUMNS,
        terminal_width=_COLUMNS,
        help_option_names=["-h", "--help"],
    )
    return [line.rstrip() for line in command.get_help(context).split("\n")]
