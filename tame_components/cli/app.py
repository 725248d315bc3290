"""The verbs and their options. What they do is imported when they are called."""

from pathlib import Path
from typing import Annotated, Literal

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

Stack = Annotated[
    str | None,
    typer.Argument(metavar="[STACK]", help="Default: the only one, or Pulumi's selected one."),
]
Json = Annotated[bool, typer.Option("--json", help="For machines; the keys are stable.")]


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


@app.command()
def init(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="Made if it is not there.")],
) -> None:
    """Make a project: programs, policies and settings to fill in."""
    from tame_components.cli import init as verb  # noqa: PLC0415 - lazy on purpose

    _end(verb.run(context.obj / directory))


@app.command()
def status(
    context: typer.Context,
    stack: Stack = None,
    *,
    json: Json = False,
    wait: Annotated[
        int, typer.Option(help="Look again until all are healthy, this long.", metavar="SECONDS")
    ] = 0,
) -> None:
    """Show every service: state, image, age, link. Exit 3 where one is not healthy."""
    from tame_components.cli import status as verb  # noqa: PLC0415 - lazy on purpose

    _end(verb.run(context.obj, stack, as_json=json, wait=wait))


@app.command()
def graph(
    context: typer.Context,
    stack: Stack = None,
    *,
    picture: Annotated[
        Literal["mermaid", "svg"] | None,
        typer.Option("--format", help="Default: from the file's name, else mermaid."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Default: standard output.", metavar="FILE"),
    ] = None,
) -> None:
    """Draw services, networks and wires; needs no engine."""
    from tame_components.cli import graph as verb  # noqa: PLC0415 - lazy on purpose

    _end(verb.run(context.obj, stack, picture=picture, output=output))


@app.command("open")
def open_(
    context: typer.Context,
    service: str,
    stack: Stack = None,
    *,
    port: Annotated[int, typer.Option(help="Of loopback. Default: a free one.", max=65535)] = 0,
) -> None:
    """Show a service's UI on loopback until Ctrl-C, without publishing a port."""
    from tame_components.cli import opening as verb  # noqa: PLC0415 - lazy on purpose

    _end(verb.run(context.obj, service, stack, port=port))


@app.command()
def config(
    context: typer.Context,
    stack: Stack = None,
    *,
    json: Json = False,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make the root secret, where it is missing.")
    ] = False,
) -> None:
    """List what only you can supply, and ask for it. Exit 3 where something is still missing."""
    from tame_components.cli import config as verb  # noqa: PLC0415 - lazy on purpose

    _end(verb.run(context.obj, stack, as_json=json, generate=generate))


@app.command()
def doctor(context: typer.Context, stack: Stack = None, *, json: Json = False) -> None:
    """Look for what is wrong, worst first, with cause and remedy. Exit 3 where something is."""
    from tame_components.cli import doctor as verb  # noqa: PLC0415 - lazy on purpose

    _end(verb.run(context.obj, stack, as_json=json))


@app.command()
def explain(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="A service, a code (TAME302) or a rule.")],
    stack: Stack = None,
    *,
    json: Json = False,
) -> None:
    """Say why a service is set up as it is, or what an error code or a rule means."""
    from tame_components.cli import explain as verb  # noqa: PLC0415 - lazy on purpose

    _end(verb.run(context.obj, topic, stack, as_json=json))


def _end(code: int) -> None:
    raise typer.Exit(code)
