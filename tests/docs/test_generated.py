"""Generated pages say what the code says, and every error has its entry."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from docs import generator
from docs.generator import errors, settings
from docs.generator.__main__ import main
from tame_components.catalog import catalog
from tame_components.domain.errors import TameError
from tame_components.domain.settings import StackSettings
from tame_components.rules import RULES


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", generator.PAGES, ids=lambda page: page.path)
def test_a_generated_page_is_current(page: generator.Page) -> None:
    """`ci/docs` was run after the last change of what the page is made from."""
    assert page.file.read_text("utf-8") == page.wanted(), "run ci/docs"


def test_each_code_has_one_error_and_one_entry() -> None:
    """No code without an entry, no entry without a code, no code or name for two errors."""
    assert list(errors.mistakes()) == []


def test_no_error_with_a_code_is_overlooked() -> None:
    """The walk finds a class for every code that stands in a source file."""
    pattern = re.compile(r'code(?:: ClassVar\[str\])? = "(TAME\d+)"')
    folders = ("tame_components", "testbed", "ci", "bench", "policies", "stacks")
    written = {
        code
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        for code in pattern.findall(file.read_text("utf-8"))
    }

    assert written == {error.code for error in errors.classes()}


@pytest.mark.parametrize("error", errors.classes(), ids=lambda error: error.__name__)
def test_an_entry_helps(error: type[TameError]) -> None:
    """An entry says why it happens and what to do; its example is the error as it is printed."""
    entry = errors.entries().get(error.__name__, {})

    assert set(entry) <= {"example", "causes", "do"}
    assert entry.get("causes")
    assert entry.get("do")
    assert re.fullmatch(r"TAME\d{3}", error.code)
    if "example" in entry:
        text = str(errors.example(error, entry["example"]))
        assert text.endswith(f"[{error.code}]")


@pytest.mark.parametrize("model", settings.models(StackSettings), ids=lambda model: model.__name__)
def test_every_setting_has_a_meaning(model: type[BaseModel]) -> None:
    """No row of the settings' reference leaves its last cell empty."""
    assert [key for key in model.model_fields if not settings.meaning(model, key)] == []


def test_references_are_complete() -> None:
    """Each app and each rule has a section of its own."""
    apps = (ROOT / "docs/reference/catalog.md").read_text("utf-8")
    rules = (ROOT / "docs/reference/rules.md").read_text("utf-8")

    assert [name for name in catalog() if f"\n### {name}\n" not in apps] == []
    assert [name for name in RULES if f"\n### {name}\n" not in rules] == []


def test_check_sees_a_stale_page_and_leaves_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ci/docs --check` names what differs, fails, and writes nothing; without it, it writes."""
    page = generator.Page(str(tmp_path / "page.md"), lambda _: "new")
    page.file.write_text("old")

    assert main(["--check"], [page]) == 1
    assert f"stale: {page.path}" in capsys.readouterr().err
    assert page.file.read_text() == "old"
    main([], [page])
    assert page.file.read_text() == "new"
    assert list(generator.stale([page])) == []


def test_a_mistake_in_the_texts_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code without an entry, and an entry without a code, are both named."""
    told = dict(errors.entries())
    told["NobodyRaisesThis"] = told.pop("UnknownApp")
    monkeypatch.setattr(errors, "entries", lambda: told)

    named = " ".join(errors.mistakes())

    assert "`NobodyRaisesThis`" in named
    assert "UnknownApp` (`TAME102`) has no entry" in named
    assert main(["--check"], []) == 1
