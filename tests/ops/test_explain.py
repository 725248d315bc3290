"""Everything that can be asked about has an answer."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tame_components.domain.errors import TameError
from tame_components.domain.rendering import container_of
from tame_components.ops.errors import NothingToExplain
from tame_components.ops.explain import all_errors, explain
from tame_components.rules import RULES
from tame_components.rules.model import Rule
from tests.harness.stacks import topology


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", [one.name for one in topology().services])
def test_every_variable_and_mount_of_a_service_has_a_reason(service: str) -> None:
    """No setting of a container is left unexplained."""
    stack = topology()
    container = container_of(stack, stack.service(service))

    page = explain(service, stack)

    settings = {one.setting for one in page.reasons}
    assert {f"env {key}" for key in container.environment} <= settings
    assert sum(one.setting == "mount" for one in page.reasons) == len(container.mounts)
    assert all(one.why for one in page.reasons)


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: str(error.code))
def test_every_code_has_a_page(error: type[TameError]) -> None:
    """Code and class name lead to the same page, which is complete."""
    page = explain(error.code.lower(), None)

    assert page == explain(error.__name__, None)
    assert page.summary
    assert all(one.value for one in page.reasons)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_has_a_page(rule: Rule) -> None:
    """Name and number lead to the same page."""
    assert explain(rule.name, None) == explain(rule.id.lower(), None)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_an_exemption_is_offered_where_there_is_one(rule: Rule) -> None:
    """Whoever follows the page is not refused by the settings afterwards."""
    (said,) = [one for one in explain(rule.name, None).reasons if one.setting == "exempt"]

    assert ("tame:exemptions` with rule" in said.value) == rule.exemptable
    assert ("TAME201" in said.why) == (not rule.exemptable)


def test_a_slip_of_the_pen_gets_a_guess() -> None:
    """TAME104 names what is close."""
    with pytest.raises(NothingToExplain, match="did you mean `radarr`"):
        explain("radar", topology())


def test_every_code_of_the_library_can_be_explained() -> None:
    """Whoever reads a code at night asks in a new process, where nothing else is imported."""
    written = {
        code
        for file in (ROOT / "tame_components").rglob("*.py")
        for code in re.findall(r'^    code = "(TAME\d+)"', file.read_text(), re.MULTILINE)
    }
    ask = (
        "from tame_components.ops.explain import all_errors; print(*[e.code for e in all_errors()])"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) == written
