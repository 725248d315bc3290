"""Whatever stands in a file: a verdict or an error of ours, in no time."""

import os
import random
import time
from pathlib import Path

import pytest

from tame_components.compose.adopting import old_stack
from tame_components.compose.errors import ComposeTooLarge, ComposeUnreadable
from tame_components.compose.importing import import_project
from tame_components.compose.judging import judge_project
from tame_components.compose.lint import lint
from tame_components.compose.loading import load
from tame_components.compose.nodes import MAX_BYTES
from tame_components.compose.settings_file import settings_file
from tame_components.domain.errors import TameError
from tests.compose.stacks import FIXTURES


FILES = sorted(FIXTURES.rglob("*.yml"))
WORDS = (
    *("null", "true", "[]", "{}", "-1", "${", "${X}", "$$", "'", '"', "*a", "&a ", "!reset"),
    *("<<:", ": ", "- ", "99999999999999999999", "yes", ".inf", ".nan", "\t", "2024-01-01"),
    *("!!binary aGk=", "? x", "|", "%", "@", "~", "[[", "::", "//", "../..", "0x", "é"),
)
ROUNDS = 5


def mutated(text: str, dice: random.Random) -> str:
    """*text* with a few slips of the pen."""
    lines = text.split("\n")
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines))
        line, word = lines[at], dice.choice(WORDS)
        place = dice.randint(0, len(line))
        head = line.partition(":")[0]
        item = line.partition("- ")[0]
        lines[at : at + 1] = dice.choice(
            [
                [f"{head}: {word}"],
                [line[:place] + word + line[place:]],
                [],
                [line, line],
                [f"{item}- {word}"],
                [f"  {line}"],
            ]
        )
        lines = lines or [""]
    return "\n".join(lines)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(FIXTURES).as_posix())
def test_nothing_crashes(file: Path, tmp_path: Path) -> None:
    """Five slips in each construct: judged, imported, or refused by name."""
    dice = random.Random(file.name)  # noqa: S311 - the same slips in each run
    answers = [_answer(file, tmp_path, dice) for _ in range(ROUNDS)]

    assert len(answers) == ROUNDS
    assert all(answers)


def _answer(file: Path, directory: Path, dice: random.Random) -> str:
    place = directory / "docker-compose.yml"
    place.write_text(mutated(file.read_text("utf-8"), dice), encoding="utf-8")
    try:
        project = load([place])
        judged = judge_project(project)
        imported = import_project(project)
        old_stack(imported, project, [place])
        return f"{judged.services} services: {settings_file(imported)}"
    except TameError as error:
        return str(error)


def test_files_that_multiply_are_refused(tmp_path: Path) -> None:
    """Thirty files that include the next one twice are a billion reads: refused at once."""
    for number in range(30):
        beside = f"include: [{number + 1}.yml, {number + 1}.yml]\nservices: {{}}\n"
        (tmp_path / f"{number}.yml").write_text(beside)
    (tmp_path / "30.yml").write_text("services: {}\n")

    with pytest.raises(ComposeTooLarge, match="files"):
        load([tmp_path / "0.yml"])


def test_a_long_line_of_ancestors_is_refused(tmp_path: Path) -> None:
    """A thousand services that extend each other do not take the interpreter's stack."""
    lines = [f"  s{n}: {{image: 'a/a:1.0.0', extends: s{n + 1}}}" for n in range(1000)]
    file = tmp_path / "long.yml"
    file.write_text("\n".join(["services:", *lines, "  s1000: {image: 'a/a:1.0.0'}"]))

    with pytest.raises(ComposeTooLarge, match="extends"):
        load([file])


def test_what_never_ends_is_not_read(tmp_path: Path) -> None:
    """A device, a pipe or a huge file is refused before it is read."""
    huge = tmp_path / "huge.yml"
    with huge.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    pipe = tmp_path / "pipe.yml"
    os.mkfifo(pipe)

    for file in (Path("/dev/zero"), pipe, tmp_path):
        with pytest.raises(ComposeUnreadable):
            load([file])
    with pytest.raises(ComposeTooLarge):
        load([huge])


def test_thirty_stacks_take_two_seconds(tmp_path: Path) -> None:
    """Thirty files of eight services each, with unset variables: two seconds of one processor."""
    service = (
        "    image: lscr.io/linuxserver/radarr:${{TAG_{n}}}\n    ports: ['${{IP}}:{n}:7878']\n"
        "    environment: ['PUID=${{PUID}}', PGID=1000, UMASK=002, TZ=Etc/UTC]\n"
        "    volumes: ['${{DATA}}:/data', './config/{n}:/config', './extra:/extra']\n"
        "    restart: unless-stopped\n    networks: [media]\n"
    )
    text = "services:\n" + "".join(f"  radarr-{n}:\n{service.format(n=n)}" for n in range(1, 9))
    files = [tmp_path / f"{number}.yml" for number in range(30)]
    for file in files:
        file.write_text(text + "networks: { media: }\n")
    begun = time.process_time()

    found = lint([[file] for file in files])

    assert time.process_time() - begun < 2
    assert {one.judged.services for one in found if one.judged} == {8}
