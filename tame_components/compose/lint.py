"""Files in, verdicts out; a file that cannot be read is one of the answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tame_components.compose.judging import Judged, judge_project
from tame_components.compose.loading import load
from tame_components.domain.errors import TameError


CLEAN, BROKEN, UNREADABLE = 0, 1, 2
"""Exit codes of `tame lint`."""


@dataclass(frozen=True, slots=True)
class Linted:
    """What came of one stack: a judgement, or why there is none."""

    file: str
    judged: Judged | None = None
    error: TameError | None = None


def lint(
    stacks: Iterable[Sequence[Path]],
    *,
    environment: str | None = None,
    env_files: Sequence[Path] = (),
    profiles: Sequence[str] | None = None,
) -> tuple[Linted, ...]:
    """Judge each of *stacks*, which are the files of one stack each."""
    found = []
    for files in stacks:
        name = str(files[0])
        try:
            project = load(files, env_files=env_files, profiles=profiles)
            found.append(Linted(name, judged=judge_project(project, environment)))
        except TameError as error:
            found.append(Linted(name, error=error))
    return tuple(found)


def exit_code(linted: Iterable[Linted]) -> int:
    """2 where a file cannot be read, 1 where a mandatory rule is broken, else 0."""
    found = list(linted)
    if any(one.error for one in found):
        return UNREADABLE
    return BROKEN if any(one.judged and one.judged.broken for one in found) else CLEAN
