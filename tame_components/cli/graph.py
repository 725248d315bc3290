"""`tame graph`: the topology as a picture."""

from pathlib import Path

from tame_components.cli import OK
from tame_components.cli.files import save
from tame_components.cli.screen import note, say
from tame_components.ops.project import find_project


def run(cwd: Path, stack: str | None, *, picture: str | None, output: Path | None) -> int:
    """Write the picture to *output*, or to standard output."""
    topology = find_project(cwd).stack_file(stack).topology
    if (picture or (output and output.suffix.removeprefix("."))) == "svg":
        from tame_components.ops.graph.svg import svg as draw  # noqa: PLC0415 - one of the two
    else:
        from tame_components.ops.graph.mermaid import mermaid as draw  # noqa: PLC0415 - same
    text = draw(topology)
    if output is None:
        say(text.removesuffix("\n"))
    else:
        save(output, text)
        note(f"wrote {output}")
    return OK
