"""The options of `tame pins`. What it does is imported when it is called."""

from pathlib import Path
from typing import Annotated

import typer

from tame_components.cli.options import Json, Stack


pins = typer.Typer(
    name="pins",
    help="Which release of each image runs, and moving to the next one.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@pins.command()
def check(context: typer.Context, stack: Stack = None, *, json: Json = False) -> None:
    """Show the newest release of each image, by its app's tag grammar. Changes nothing."""
    from tame_components.cli import pins as verb  # noqa: PLC0415 - lazy on purpose

    raise typer.Exit(verb.run_check(context.obj, stack, as_json=json))


@pins.command()
def lock(context: typer.Context, stack: Stack = None) -> None:
    """Write the digest of every image of the stack to `images.<stack>.lock.toml`."""
    from tame_components.cli import pins as verb  # noqa: PLC0415 - lazy on purpose

    raise typer.Exit(verb.run_lock(context.obj, stack))


@pins.command()
def update(
    context: typer.Context,
    stack: Stack = None,
    *,
    service: Annotated[
        list[str] | None, typer.Option(help="Only this one; may repeat. Default: all.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would move, no more.")] = False,
) -> None:
    """Move pins to their newest releases, and their digests with them."""
    from tame_components.cli import pins as verb  # noqa: PLC0415 - lazy on purpose

    raise typer.Exit(verb.run_update(context.obj, stack, service or (), plan=plan))


@pins.command()
def renovate(
    context: typer.Context,
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Below the project.", metavar="FILE")
    ] = Path(".github/renovate.json"),
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether it is current. Exit 3 if not.")
    ] = False,
) -> None:
    """Write a configuration of Renovate from the tag grammars. Needs no registry."""
    from tame_components.cli import renovating as verb  # noqa: PLC0415 - lazy on purpose

    raise typer.Exit(verb.run(context.obj / output, only_check=check))
