"""The command itself: what every verb shares."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer


app = typer.Typer(
    name="tame",
    help="Look at, open and understand a media stack. Deploying stays Pulumi's: `pulumi up`.",
    epilog="Exit codes: 0 well, 1 error, 2 wrong command line, 3 not well, 130 Ctrl-C.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(value: bool) -> None:  # noqa: FBT001 - typer's callback
    if not value:
        return
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 40 ms

    try:
        typer.echo(f"tame {version('tame-media')}")
    except PackageNotFoundError:
        typer.echo("tame (not installed)")
    raise typer.Exit


@app.callback()
def _everywhere(
    context: typer.Context,
    cwd: Annotated[
        Path, typer.Option("-C", "--cwd", help="Where the project is.", metavar="DIR")
    ] = Path(),
    _version: Annotated[  # noqa: FBT002 - a flag, typer's way
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="And nothing else."),
    ] = False,
) -> None:
    context.obj = cwd


def end(code: int) -> NoReturn:
    """Leave with *code*, in typer's way."""
    raise typer.Exit(code)
