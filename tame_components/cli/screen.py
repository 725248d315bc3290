"""What a person sees: plain text first; colour and symbols only add to words."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO


_CODES = {"green": "32", "red": "31", "yellow": "33", "dim": "2", "bold": "1"}
_GAP = 2
_LEAST = 8
"""Characters that a shortened column keeps."""


def say(line: str = "") -> None:
    """A line on standard output, there at once even in a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def note(line: str) -> None:
    """A line on standard error: progress and questions, never data."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def say_json(value: Any) -> None:  # noqa: ANN401 - what json can write
    """*value* for machines."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def paints(stream: TextIO) -> bool:
    """Whether *stream* takes colour (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(text: str, colour: str, stream: TextIO | None = None) -> str:
    """*text* in *colour*, or as it is where colour is not wanted."""
    if not colour or not paints(stream or sys.stdout):
        return text
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def symbol(preferred: str, plain: str) -> str:
    """*preferred* where the terminal's encoding has it, else *plain*."""
    try:
        preferred.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return plain
    return preferred


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    shrink: int | None = None,
    colours: Sequence[str] = (),
    columns: int | None = None,
) -> list[str]:
    """The lines of a table.

    Args:
        head: titles.
        rows: cells, as many as *head* each.
        shrink: the column that gives way where the terminal is too narrow.
        colours: of each row's first column, where colour is wanted.
        columns: characters of a line. Default: the terminal's.
    """
    body = [list(row) for row in rows]
    sizes = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    if shrink is not None:
        excess = sum(sizes) + _GAP * (len(sizes) - 1) - (columns or width())
        sizes[shrink] = max(min(sizes[shrink], _LEAST), sizes[shrink] - max(0, excess))
    lines = [painted(_line(head, sizes), "dim")]
    for index, row in enumerate(body):
        line = _line(row, sizes)
        colour = colours[index] if index < len(colours) else ""
        lines.append(painted(line[: sizes[0]], colour) + line[sizes[0] :])
    return lines


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    parts = [_fit(cell, size).ljust(size) for cell, size in zip(cells, sizes, strict=True)]
    return (" " * _GAP).join(parts).rstrip()


def _fit(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + symbol("…", "~")


def short_time(seconds: int | None) -> str:
    """A duration in at most four characters: `45s`, `12m`, `7h`, `30d`; `-` for None."""
    if seconds is None:
        return "-"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
