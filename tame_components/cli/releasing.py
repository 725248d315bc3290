"""The verbs that move releases: prove, promote, roll back, revert."""

from pathlib import Path
from typing import Annotated

import typer

from tame_components.cli.options import Json, Stack
from tame_components.cli.program import app, end


@app.command()
def gate(
    context: typer.Context,
    stack: Stack = None,
    *,
    soak: Annotated[
        int | None,
        typer.Option(help="Default: `evidence.soak_seconds`.", metavar="SECONDS", min=0),
    ] = None,
    sign: Annotated[
        bool, typer.Option("--sign", help="Sign the evidence, and export it from the stack.")
    ] = False,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Only make the key that signs.")
    ] = False,
    json: Json = False,
) -> None:
    """Prove what the stack runs, and keep the evidence. Exit 3 where it is not proved."""
    from tame_components.cli import gate as verb  # noqa: PLC0415 - lazy on purpose

    if new_key:
        end(verb.make_key(context.obj, stack))
    end(verb.run(context.obj, stack, soak=soak, as_json=json, sign=sign))


@app.command()
def promote(
    context: typer.Context,
    stack: Stack = None,
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would happen, and why.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    soak: Annotated[
        int | None,
        typer.Option(help="Default: `evidence.soak_seconds`.", metavar="SECONDS", min=0),
    ] = None,
    wait: Annotated[
        float, typer.Option(help="For another promotion to end.", metavar="SECONDS")
    ] = 0.0,
    record: Annotated[
        bool, typer.Option("--record", help="Only make what runs the release to come back to.")
    ] = False,
    listing: Annotated[bool, typer.Option("--list", help="Only show releases.")] = False,
    json: Json = False,
) -> None:
    """Deploy what the settings ask for and prove it, or bring back what ran, with its databases."""
    from tame_components.cli import promote as verb  # noqa: PLC0415 - lazy on purpose

    if listing:
        end(verb.listing(context.obj, stack, as_json=json))
    if record:
        end(verb.keep_running(context.obj, stack))
    end(verb.run(context.obj, stack, only_plan=plan, yes=yes, as_json=json, soak=soak, wait=wait))


@app.command()
def rollback(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STACK] [RELEASE]", help="Default: the release before this one."),
    ] = None,
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would happen, and why.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Only show releases.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    databases: Annotated[
        bool,
        typer.Option(
            "--databases/--keep-databases",
            help="Whether a service whose image goes back gets its rows of then.",
        ),
    ] = True,
    wait: Annotated[
        float, typer.Option(help="For another promotion to end.", metavar="SECONDS")
    ] = 0.0,
    json: Json = False,
) -> None:
    """Bring back a recorded release, its databases with it, or leave what runs as it is."""
    from tame_components.cli import rollback as verb  # noqa: PLC0415 - lazy on purpose

    if listing:
        end(verb.listing(context.obj, words or (), as_json=json))
    end(
        verb.run(
            context.obj,
            words or (),
            only_plan=plan,
            yes=yes,
            as_json=json,
            databases=databases,
            wait=wait,
        )
    )


@app.command()
def revert(
    context: typer.Context,
    stack: Stack = None,
    *,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what would be taken back.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write the page of a pull request.", metavar="FILE"),
    ] = None,
    json: Json = False,
) -> None:
    """Take the commits of a rolled-back release back, on a Git branch of their own."""
    from tame_components.cli import revert as verb  # noqa: PLC0415 - lazy on purpose

    end(verb.run(context.obj, stack, only_plan=plan, output=output, as_json=json))
