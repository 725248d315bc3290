"""Options that many verbs share."""

from typing import Annotated

import typer


Stack = Annotated[
    str | None,
    typer.Argument(metavar="[STACK]", help="Default: the only one, or Pulumi's selected one."),
]
Json = Annotated[bool, typer.Option("--json", help="For machines; the keys are stable.")]
