"""Questions to a person, on standard error, so that standard output stays data."""

import sys

import typer

from tame_components.cli import INTERRUPTED
from tame_components.cli.screen import note


def somebody_answers() -> bool:
    """Whether there is a terminal to ask on."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def agreed(question: str, *, default: bool) -> bool:
    """Yes or no; Enter means *default*; Ctrl-C and Ctrl-D end the command with 130."""
    try:
        return typer.confirm(question, default=default, err=True)
    except typer.Abort:
        raise _left() from None


def answered(question: str, *, hidden: bool) -> str:
    """A line, unseen where it is *hidden*; Enter alone is empty; Ctrl-C and Ctrl-D end with 130."""
    try:
        line: str = typer.prompt(
            question, default="", show_default=False, hide_input=hidden, err=True
        )
    except typer.Abort:
        raise _left() from None
    return line


def _left() -> typer.Exit:
    note("")  # the cursor still stands behind the question
    return typer.Exit(INTERRUPTED)
