"""The options of `tame pins`. What it does is imported when it is called."""

from pathlib import Path
from typing import Annotated

import typer

from tame_components.cli.options import Json, Stack


Stacks = Annotated[
    list[str] | None,
    typer.Argument(metavar="STACK", help="Default: the only one, or Pulumi's selected one."),
]

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
    stacks: Stacks = None,
    *,
    service: Annotated[
        list[str] | None, typer.Option(help="Only this one; may repeat. Default: all.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="This release, not the newest.", metavar="TAG")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would move, no more.")] = False,
) -> None:
    """Move pins to their newest releases, and their digests with them; several stacks alike."""
    from tame_components.cli import pins as verb  # noqa: PLC0415 - lazy on purpose

    raise typer.Exit(verb.run_update(context.obj, stacks or (), service or (), to=to, plan=plan))


@pins.command()
def propose(
    context: typer.Context,
    stacks: Stacks = None,
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A folder for each.", metavar="DIRECTORY")
    ],
    taken: Annotated[
        Path | None,
        typer.Option(
            "--open",
            help="Open pull requests: a line with branch, tab and number for each.",
            metavar="FILE",
            exists=True,
        ),
    ] = None,
) -> None:
    """Write what a pull request of each newer release needs. Changes no lock; see `ci/pins`."""
    from tame_components.cli import pins as verb  # noqa: PLC0415 - lazy on purpose

    raise typer.Exit(verb.run_propose(context.obj, stacks or (), output=output, taken=taken))


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
