"""`tame lint`: does a Compose file keep the doctrine?"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tame_components.cli.screen import note, say
from tame_components.compose import reports
from tame_components.compose.lint import Linted, exit_code, lint


Format = Literal["text", "json", "sarif", "github"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to read, and how to print."""

    how: Format
    environment: str | None
    env_files: Sequence[Path]
    profiles: Sequence[str]
    together: bool
    quiet: bool


def run(cwd: Path, files: Sequence[Path], options: Options) -> int:
    """Judge *files* and print the verdicts; 0 clean, 1 broken, 2 unreadable."""
    paths = [cwd / file for file in files]
    found = lint(
        [paths] if options.together else [[path] for path in paths],
        environment=options.environment,
        env_files=[cwd / file for file in options.env_files],
        profiles=options.profiles or None,
    )
    for line in _lines(found, options):
        say(line)
    for one in found:
        if one.error and options.how != "text":
            note(f"error: {one.error}")
    return exit_code(found)


def _lines(found: Sequence[Linted], options: Options) -> Iterable[str]:
    match options.how:
        case "text":
            return reports.text(found, quiet=options.quiet)
        case "github":
            return reports.github(found)
        case "json":
            return [json.dumps(reports.data(found), indent=2, ensure_ascii=False)]
        case "sarif":
            from tame_components.compose.sarif import sarif  # noqa: PLC0415 - one of four

            log = sarif(found, version=_version(), environment=options.environment or "prod")
            return [json.dumps(log, indent=2, ensure_ascii=False)]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 40 ms

    try:
        return version("tame-media")
    except PackageNotFoundError:
        return "0"
