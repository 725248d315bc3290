"""The pages about Compose files show what the commands print and write."""

import sys
from pathlib import Path

import pytest
import yaml

from tame_components import cli
from tame_components.compose.importing import import_project
from tame_components.compose.lint import lint
from tame_components.compose.loading import load
from tests.docs.pages import Fence, fences


COMPOSE = [one for one in fences("yaml") if "\nservices:" in f"\n{one.text}"]


def of(page: str) -> Fence:
    """The first Compose file of a page."""
    return next(one for one in COMPOSE if one.page.endswith(page))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_pages_have_their_examples() -> None:
    """Every YAML of these pages is settings or a Compose file, and each page has one."""
    assert {one.page for one in COMPOSE} == {
        "docs/how-to/import-a-compose-file.md",
        "docs/how-to/lint-a-compose-file.md",
    }


def test_lint_prints_what_the_page_shows(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each line of the page is a line of the command."""
    page = "lint-a-compose-file.md"
    (place / "docker-compose.yml").write_text(of(page).text)
    monkeypatch.setattr(sys, "argv", ["tame", "lint", "docker-compose.yml"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr().out.splitlines()
    shown = next(one for one in fences("text") if one.page.endswith(page)).text.splitlines()

    assert ended.value.code == 1
    assert shown
    assert [line for line in shown if line not in printed] == []


def test_the_example_of_an_exemption_allows_it(place: Path) -> None:
    """The stack that speaks for itself is judged as it asks."""
    text = next(one.text for one in COMPOSE if one.text.startswith("x-tame:"))
    (place / "compose.yml").write_text(text)
    (found,) = lint([[place / "compose.yml"]])

    assert found.judged
    assert "unbound-port" not in {one.rule.name for one in found.judged.findings}


def test_import_makes_what_the_page_shows(place: Path) -> None:
    """Each setting of the page is in the file that is written."""
    page = "import-a-compose-file.md"
    (place / "docker-compose.yml").write_text(of(page).text)
    imported = import_project(load([place / "docker-compose.yml"]))
    shown = next(
        one for one in fences("yaml") if one.page.endswith(page) and one.text.startswith("config:")
    )
    wanted = yaml.safe_load(shown.text)["config"]

    assert imported.problem is None
    for key, value in wanted.items():
        assert imported.settings[key.removeprefix("tame:")] == value, key
