"""`tame pins renovate`."""

from pathlib import Path

from tame_components.catalog import catalog
from tame_components.cli import NOT_WELL, OK
from tame_components.cli.screen import say
from tame_components.ops.durable import writing
from tame_components.ops.pins.renovate import configuration


def run(file: Path, *, only_check: bool) -> int:
    """Write *file*, or say whether it is current."""
    wanted = configuration(catalog().values())
    current = file.exists() and file.read_text("utf-8") == wanted
    if current or only_check:
        say(f"{file}: {'current' if current else 'not current: run `tame pins renovate`'}")
        return OK if current else NOT_WELL
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wanted, "utf-8")
    say(f"{file}: written")
    return OK
