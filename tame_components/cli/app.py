"""Every verb and its options. What they do is imported when they are called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tame_components.cli import (  # noqa: F401 - their verbs come first in the help
    everyday,
    releasing,
)
from tame_components.cli.options import Json, Stack
from tame_components.cli.pins_commands import pins
from tame_components.cli.program import app, end


__all__ = ["app"]

app.add_typer(pins)


@app.command()
def run(context: typer.Context, service: str, stack: Stack = None) -> None:
    """Run a service that runs on demand, show its log, and end with its exit code."""
    from tame_components.cli import running as verb  # noqa: PLC0415 - lazy on purpose

    end(verb.run(context.obj, service, stack))


@app.command()
def backup(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STACK] [SERVICE]...", help="Default: all that keep something."),
    ] = None,
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would happen, and why.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Show the snapshots.")] = False,
    recover: Annotated[
        bool, typer.Option("--recover", help="Only put right what an interrupted run left.")
    ] = False,
    check: Annotated[
        str | None,
        typer.Option(help="Only check the repository, and read this much.", metavar="PERCENT"),
    ] = None,
    machine: Annotated[
        bool, typer.Option("--machine", help="The whole machine, by `preparation.snapshot_hook`.")
    ] = False,
    json: Json = False,
) -> None:
    """Snapshot services: stop, copy, start, then into an encrypted repository."""
    from tame_components.cli import backup as verb  # noqa: PLC0415 - lazy on purpose

    end(
        verb.run(
            context.obj,
            words or (),
            plan=plan,
            listing=listing,
            recover=recover,
            check=check,
            as_json=json,
            machine=machine,
        )
    )


@app.command()
def restore(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[STACK] SERVICE")],
    *,
    snapshot: Annotated[str | None, typer.Option(help="Default: the newest.", metavar="ID")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would happen, and why.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also from another version of the application.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    stay_stopped: Annotated[
        bool, typer.Option("--stay-stopped", help="Do not start the service afterwards.")
    ] = False,
    json: Json = False,
) -> None:
    """Give a service an earlier state, and keep the present one in quarantine."""
    from tame_components.cli import restore as verb  # noqa: PLC0415 - lazy on purpose

    end(
        verb.run(
            context.obj,
            words,
            snapshot=snapshot,
            plan=plan,
            force=force,
            yes=yes,
            stay_stopped=stay_stopped,
            as_json=json,
        )
    )


@app.command()
def lint(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Compose files; each is a stack.")],
    *,
    how: Annotated[
        Literal["text", "json", "sarif", "github"], typer.Option("--format", help="For whom.")
    ] = "text",
    environment: Annotated[
        Literal["dev", "sandbox", "prod"] | None,
        typer.Option(help="Whose levels count. Default: the file's `x-tame`, else prod."),
    ] = None,
    env_file: Annotated[
        list[Path] | None,
        typer.Option(help="Instead of the `.env` beside the file; may repeat.", metavar="FILE"),
    ] = None,
    profile: Annotated[
        list[str] | None, typer.Option(help="Only what these profiles start. Default: everything.")
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="The files are one stack, the last on top.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only broken mandatory rules, and the sums.")
    ] = False,
) -> None:
    """Judge Compose files by the doctrine. Exit 1 where it is broken, 2 where one is unreadable."""
    from tame_components.cli import lint as verb  # noqa: PLC0415 - lazy on purpose

    options = verb.Options(how, environment, env_file or [], profile or [], together, quiet)
    end(verb.run(context.obj, files, options))


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Compose files of one stack.")],
    *,
    stack: Annotated[
        str | None, typer.Option(help="What to call it. Default: the Compose project's name.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Default: `Pulumi.STACK.yaml`.", metavar="FILE"),
    ] = None,
    env_file: Annotated[
        list[Path] | None,
        typer.Option(help="Instead of the `.env` beside the file; may repeat.", metavar="FILE"),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            envvar="DOCKER_HOST", help="Where it runs. Default: this machine's.", metavar="HOST"
        ),
    ] = None,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Plan to keep the running stack's state, keys and ids.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --adopt: carry the plan out without asking.")
    ] = False,
    old: Annotated[
        Literal["keep", "stop", "remove"],
        typer.Option(help="With --adopt and --yes: what becomes of the old containers."),
    ] = "keep",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that differs.")] = False,
    json: Json = False,
) -> None:
    """Turn Compose files into settings, and say what could not be carried. Runs none of them."""
    from tame_components.cli import importing as verb  # noqa: PLC0415 - lazy on purpose

    if (yes or old != "keep") and not (adopt and yes):
        raise typer.BadParameter("`--yes` goes with `--adopt`, and `--old` with both")
    if adopt and output:
        raise typer.BadParameter("`--adopt` writes the project's `Pulumi.STACK.yaml`, no other")
    options = verb.Options(stack, output, env_file or [], engine, adopt, yes, old, force, json)
    end(verb.run(context.obj, files, options))


@app.command()
def render(
    context: typer.Context,
    what: Annotated[Literal["compose"], typer.Argument(help="What to write.")],
    stack: Stack = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Default: `compose-STACK`.", metavar="DIR"),
    ] = None,
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Leave `${NAME:?}` where a secret belongs.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that differ.")] = False,
) -> None:
    """Write the stack for Docker Compose: the way out. Needs no engine."""
    from tame_components.cli import render as verb  # noqa: PLC0415 - lazy on purpose

    options = verb.Options(what, output, without_secrets, force)
    end(verb.run(context.obj, stack, options))


@app.command()
def review(
    context: typer.Context,
    stacks: Annotated[
        list[str] | None, typer.Argument(metavar="[STACK]...", help="Default: all.")
    ] = None,
    *,
    policies: Annotated[
        Path | None, typer.Option(help="A policy pack that judges too.", metavar="DIR")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Default: standard output.", metavar="FILE"),
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option(help="Write it for code scanning too.", metavar="FILE")
    ] = None,
    json: Json = False,
) -> None:
    """Say what `pulumi up` would do to each service, for people. Exit 3 where it cannot."""
    from tame_components.cli import review as verb  # noqa: PLC0415 - lazy on purpose

    end(
        verb.run(
            context.obj,
            stacks or (),
            policies=policies,
            output=output,
            sarif=sarif,
            as_json=json,
        )
    )
