"""Files that a person asked for with `--output`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tame_components.ops.errors import CannotWrite


def save(place: Path, text: str) -> None:
    """Write *text* to *place*.

    Raises:
        CannotWrite: no such directory, not ours, or full.
    """
    with writing(place):
        place.write_text(text, "utf-8")


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Whatever the system refuses inside is an error that names *place*.

    Raises:
        CannotWrite: it refused.
    """
    try:
        yield
    except OSError as error:
        raise CannotWrite(str(place), error.strerror or str(error)) from error
