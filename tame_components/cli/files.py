"""Files that a person asked for with `--output`."""

from pathlib import Path

from tame_components.ops.durable import writing


def save(place: Path, text: str) -> None:
    """Write *text* to *place*, which may be a pipe.

    Raises:
        CannotWrite: no such directory, not ours, or full.
    """
    with writing(place):
        place.write_text(text, "utf-8")
