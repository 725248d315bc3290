"""The everyday verbs: make a project, look at a stack, open it, put it right, understand it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tame_components.cli.options import Json, Stack
from tame_components.cli.program import app, end


@app.command()
def init(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="Made if it is not there.")],
) -> None:
    """Make a project: programs, policies and settings to fill in."""
    from tame_components.cli import init as verb  # noqa: PLC0415 - lazy on purpose

    end(verb.run(context.obj / directory))


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

    end(verb.run(context.obj, stack, as_json=json, wait=wait))


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

    end(verb.run(context.obj, stack, picture=picture, output=output))


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

    end(verb.run(context.obj, service, stack, port=port))


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

    end(verb.run(context.obj, stack, as_json=json, generate=generate))


@app.command()
def doctor(context: typer.Context, stack: Stack = None, *, json: Json = False) -> None:
    """Look for what is wrong, worst first, with cause and remedy. Exit 3 where something is."""
    from tame_components.cli import doctor as verb  # noqa: PLC0415 - lazy on purpose

    end(verb.run(context.obj, stack, as_json=json))


@app.command()
def recover(
    context: typer.Context,
    stack: Stack = None,
    *,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print what would be done, and change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    json: Json = False,
) -> None:
    """Put right what a killed `pulumi up` left. Exit 3 where something is left to do."""
    from tame_components.cli import recover as verb  # noqa: PLC0415 - lazy on purpose

    end(verb.run(context.obj, stack, only_plan=plan, yes=yes, as_json=json))


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

    end(verb.run(context.obj, topic, stack, as_json=json))
