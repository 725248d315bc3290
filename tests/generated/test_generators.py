"""Which applications have generated files, and how they are found."""

import subprocess
import sys

import pytest

from tame_components.catalog import catalog
from tame_components.generated import GENERATORS, files_of, generator_of
from tests.generated.conftest import SHAPES


@pytest.mark.parametrize("app", GENERATORS)
def test_each_entry_leads_to_a_generator_of_a_known_application(app: str) -> None:
    """A name that leads nowhere would be found out by whoever first deploys the application."""
    assert app in catalog()
    assert callable(generator_of(app))


def test_a_stack_without_them_imports_none() -> None:
    """Generators cost their import only where their application is."""
    program = (
        "import sys\n"
        "from tests.harness import stacks\n"
        "from tame_components.generated import files_of\n"
        "topology = stacks.topology()\n"
        "assert not any(list(files_of(topology, one)) for one in topology.services)\n"
        "print([name for name in sys.modules if name.startswith('tame_components.generated.')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_a_generated_file_takes_the_place_of_a_fixed_one() -> None:
    """One path, one file: two would be written over each other in an order nobody chose."""
    topology = SHAPES["everything"]()
    for service in topology.services:
        paths = [file.path for file in files_of(topology, service)]

        assert len(paths) == len(set(paths)), service.name


def test_two_runs_write_the_same() -> None:
    """A file that differs without a reason replaces a container without a reason."""
    first, second = SHAPES["everything"](), SHAPES["everything"]()
    written = [
        [files_of(topology, one) for one in topology.services] for topology in (first, second)
    ]

    assert written[0] == written[1]
