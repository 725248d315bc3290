"""What the source files themselves must look like."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import tame_components


ROOT = Path(__file__).parents[2]
LONGEST_FILE = 300
LONGEST_CONSTRUCTOR = 40


def _sources() -> list[Path]:
    folders = ["tame_components", "stacks", "policies", "testbed"]
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def _tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def _functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_a_file_is_read_in_one_sitting() -> None:
    """No source file is longer than a sitting."""
    long = {str(f.relative_to(ROOT)): n for f in _sources() if (n := _lines(f)) > LONGEST_FILE}

    assert long == {}


def _lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def test_a_constructor_fits_one_screen() -> None:
    """A constructor reads as a table of contents."""
    long = {
        f"{file.relative_to(ROOT)}:{function.lineno}": function.end_lineno - function.lineno + 1
        for file in _sources()
        for function in _functions(file)
        if function.name == "__init__"
        and function.end_lineno
        and function.end_lineno - function.lineno + 1 > LONGEST_CONSTRUCTOR
    }

    assert long == {}


def test_no_drawer_for_everything() -> None:
    """A newcomer finds a file by what it does."""
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [file for file in [*_sources(), *_tests()] if file.stem in drawers] == []


def test_every_test_is_collected() -> None:
    """A file with tests has a name that pytest collects (pitfall P9)."""
    lost = [
        str(file.relative_to(ROOT))
        for file in _tests()
        if any(function.name.startswith("test_") for function in _functions(file))
        and not file.name.startswith("test_")
    ]

    assert lost == []


def test_every_test_states_its_invariant() -> None:
    """The docstring of a test says what must hold, so that its failure means something."""
    silent = [
        f"{file.relative_to(ROOT)}::{function.name}"
        for file in _tests()
        for function in _functions(file)
        if function.name.startswith("test_") and ast.get_docstring(function) is None
    ]

    assert silent == []


@pytest.mark.parametrize("name", tame_components.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    """`__all__` is the promise: each name loads, and says what it is."""
    value = getattr(tame_components, name)

    assert inspect.getdoc(value)


def test_public_names_are_sorted_and_complete() -> None:
    """The lazy table and the promise are the same list."""
    assert list(tame_components.__all__) == sorted(tame_components._HOMES)


def test_plain_facts_load_without_pulumi() -> None:
    """Importing the package for its facts does not pay for Pulumi (idea 1)."""
    import subprocess
    import sys

    program = (
        "import sys; from tame_components import compose_topology;"
        "from tame_components.catalog import catalog; catalog();"
        "sys.exit(any(name.split('.')[0].startswith('pulumi') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_children_take_nothing_of_the_callers_options() -> None:
    """`merge` breaks parentage (pitfall P1); resources under `apply` vanish in preview (P21)."""
    for file in (ROOT / "tame_components" / "resources").rglob("*.py"):
        assert ".merge(" not in file.read_text(), file


def test_register_outputs_comes_last() -> None:
    """A child made after it is orphaned from the component's outputs (pitfall P3)."""
    seen = 0
    for file in (ROOT / "tame_components" / "resources").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and any(
                "ComponentResource" in ast.unparse(base) for base in node.bases
            ):
                constructor = next(
                    child
                    for child in node.body
                    if isinstance(child, ast.FunctionDef) and child.name == "__init__"
                )
                assert "self.register_outputs(" in ast.unparse(constructor.body[-1]), node.name
                seen += 1

    assert seen >= 3


def test_no_branch_on_a_stacks_name() -> None:
    """Environments differ by data (C9): nothing but the settings asks for the stack's name."""
    asking = [
        str(file.relative_to(ROOT))
        for file in _sources()
        if "get_stack()" in file.read_text() and "testbed" not in file.parts
    ]

    assert asking == ["tame_components/resources/stack_config.py"]
