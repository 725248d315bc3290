"""What a page says is there, is there."""

import importlib.util
import os
import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tame_components.cli.app import app
from tests.contract.test_layers import MAY_IMPORT
from tests.docs.pages import ROOT, Page, commands, fences, pages


LANGUAGES = {"mermaid", "python", "sh", "text", "toml", "yaml"}
PULUMI = {"preview", "up", "destroy", "refresh", "stack", "config", "plugin", "install", "cancel"}
"""Verbs of Pulumi's own command line."""

_OWN = "tame_components|stacks|policies|ci|testbed|tests|bench|docs"
_FILE = re.compile(rf"(?:(?:{_OWN})/[\w./-]+|Makefile|Pulumi\.?\w*\.yaml|requirements\.lock)")
_DOCUMENT = re.compile(r"docs/[\w./-]+\.md(?:#[\w-]+)?")
_UPSTREAM = re.compile(r"(?<![\w/])[\w-]+/[\w.-]+(,| at )")
_REACH = 160
"""Characters before a page in which its repository may be named."""

each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


@each_page
def test_a_link_leads_somewhere(page: Page) -> None:
    """Every link between pages ends at a file, and at a heading of it where it names one."""
    assert [link for link in page.links if not _resolves(page, link)] == []


def _resolves(page: Page, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.path.parent / path).resolve() if path else page.path
    if not target.exists():
        return False
    return not anchor or anchor in Page(target).anchors


@each_page
def test_a_file_that_a_page_names_exists(page: Page) -> None:
    """A reader who looks for a file of the repository finds it."""
    shown = [one.text for one in page.fences if one.language == "sh"]
    words = [word for text in [*page.spans, *shown] for word in text.split()]
    named = {word for word in words if _FILE.fullmatch(word)}

    assert {name for name in named if not (ROOT / name).exists()} == set()


@each_page
def test_every_block_says_its_language(page: Page) -> None:
    """A block without a known language would be neither run nor checked."""
    assert {one.language for one in page.fences} - LANGUAGES == set()


def test_a_page_that_code_points_to_exists() -> None:
    """Hints, policies and comments lead to pages and headings that are there."""
    wrong = set()
    seen = 0
    for folder in _OWN.split("|"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in {".py", ".yaml"} and "tests" not in file.parts:
                text = file.read_text("utf-8")
                for match in _DOCUMENT.finditer(text):
                    if _UPSTREAM.search(text[max(0, match.start() - _REACH) : match.start()]):
                        continue  # a page of somebody else's repository, which is named before it
                    found = match[0]
                    seen += 1
                    if not _resolves(Page(ROOT / "README.md"), found):
                        wrong.add((str(file.relative_to(ROOT)), found))

    assert seen >= 5
    assert wrong == set()


def test_shell_blocks_are_shell() -> None:
    """Every block of shell can be read by a shell."""
    blocks = [one.text for one in fences("sh")]
    script = "".join(f"block_{number}() {{\n{text}\n}}\n" for number, text in enumerate(blocks))

    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)

    assert blocks
    assert done.stderr == ""


def test_make_targets_exist() -> None:
    """`make TARGET` in a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {words[1] for words in _calls("make")}

    assert asked
    assert asked - targets == set()


def test_scripts_exist_and_run() -> None:
    """`ci/NAME` in a page is a script that may be executed."""
    asked = {line.split()[0] for _, line in commands() if re.match(r"ci/[\w/]+( |$)", line)}
    scripts = {name for name in asked if not (ROOT / name).is_dir()}

    assert scripts
    assert [name for name in scripts if not os.access(ROOT / name, os.X_OK)] == []


def test_verbs_of_tame_exist() -> None:
    """`tame VERB` in a page is a verb, and its options are options of that verb."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    wrong = [words for words in _calls("tame") if not _understood(group, words[1:])]

    assert wrong == []


def _understood(group: TyperGroup, words: list[str]) -> bool:
    if words[0] == "-C":
        words = words[2:]
    command = group.commands.get(words[0])
    if words[0] == "VERB":
        return True
    if isinstance(command, TyperGroup):
        return len(words) == 1 or _understood(command, words[1:])
    if not isinstance(command, TyperCommand):
        return False
    names = (name for one in command.params for name in (*one.opts, *one.secondary_opts))
    options = {*names, "-h", "--help"}
    return {word for word in words if word.startswith("-")} <= options


def test_verbs_of_pulumi_exist() -> None:
    """`pulumi VERB` in a page is a verb that Pulumi has."""
    assert {words[1] for words in _calls("pulumi")} - PULUMI == set()


def test_modules_that_are_run_exist() -> None:
    """`python -m MODULE` in a page finds the module."""
    asked = {words[2] for words in _calls("python") if words[1] == "-m"}

    assert asked
    assert [name for name in asked if importlib.util.find_spec(name) is None] == []


def _calls(program: str) -> Iterator[list[str]]:
    """The words of every call of *program* that a page shows."""
    for _, line in commands():
        if re.match(rf"{program} \S", line):
            yield shlex.split(line)


def test_the_picture_of_the_layers_is_true() -> None:
    """No arrow of docs/architecture.md is one that the layers may not have, and none is missing."""
    picture = next(one.text for one in fences("mermaid") if one.page == "docs/architecture.md")
    arrows = re.findall(r"^ *(\w+)(?:\[[^\]]*\])? --> ([\w &]+)$", picture, re.MULTILINE)
    drawn = {source: set(targets.split(" & ")) for source, targets in arrows}

    assert set(drawn) >= set(MAY_IMPORT) - {"domain"}
    for layer, allowed in MAY_IMPORT.items():
        direct = drawn.get(layer, set())
        reached = direct | {far for near in direct for far in drawn.get(near, set())}
        assert reached == allowed, layer
