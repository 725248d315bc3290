"""What is printed can be read by whom it is for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tame_components.compose import reports
from tame_components.compose.lint import BROKEN, CLEAN, UNREADABLE, exit_code, lint
from tame_components.compose.sarif import sarif
from tame_components.rules import RULES
from tests.compose.stacks import FIXTURES, written


def test_text_names_place_rule_and_remedy() -> None:
    """One line to jump to, one line of what to do, and a sum."""
    lines = list(reports.text(lint([[FIXTURES / "share.yml"]])))
    (at,) = [n for n, line in enumerate(lines) if "config-on-network-share" in line]

    assert re.match(r".*share\.yml:4: error: radarr: config-on-network-share \(R09\): ", lines[at])
    assert lines[at + 1].startswith("    put it on a local disk")
    assert re.search(r"1 services?; \d+ error, \d+ advice, \d+ undecidable; \d+ checks", lines[-1])


def test_json_is_stable() -> None:
    """The keys that a program may rely on."""
    found = reports.data(lint([[FIXTURES / "variables.yml"], [FIXTURES / "nowhere.yml"]]))
    first, second = found["files"]

    assert found["version"] == 1
    assert set(first) == {"file", "error", "services", "verdicts", "notes", "findings"}
    assert set(first["verdicts"]) == {"ok", "violation", "undecidable", "exempt"}
    assert second["error"]["code"] == "TAME801"
    assert json.loads(json.dumps(found)) == found


def test_github_annotations_are_escaped(tmp_path: Path) -> None:
    """Neither a comma in a name nor a line break in a message ends the command."""
    file = written(tmp_path, "services: {a: {image: 'x:latest'}}", "a,b:c%.yml")
    lines = list(reports.github(lint([[file], [tmp_path / "none.yml"]])))

    assert all(re.fullmatch(r"::(error|warning|notice) file=[^,:]+,\S.*::.+", one) for one in lines)
    assert any("a%2Cb%3Ac%25.yml,line=1,title=R01 floating-image-tag::a: " in one for one in lines)
    assert any("title=unreadable::" in one for one in lines)


@pytest.fixture
def log() -> dict[str, Any]:
    """A SARIF log with every kind of result."""
    names = ("variables.yml", "share.yml", "nowhere.yml")
    return sarif(lint([[FIXTURES / name] for name in names]), version="1.2.3")


def test_sarif_has_what_the_schema_asks_for(log: dict[str, Any]) -> None:
    """The required properties of SARIF 2.1.0, its enumerations, and indices that lead somewhere."""
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["name"] == "tame"
    assert len({rule["id"] for rule in rules}) == len(rules) == len(RULES)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert (result["kind"] == "fail") == (result["level"] != "none")
        assert result["kind"] in {"fail", "open"}
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert re.match(r"file:///|[^/:]+/", place["artifactLocation"]["uri"])


def test_sarif_tells_what_was_not_read(log: dict[str, Any]) -> None:
    """A file that could not be judged is not a clean one."""
    (invocation,) = log["runs"][0]["invocations"]

    assert invocation["executionSuccessful"] is False
    assert "nowhere.yml" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_fingerprints_survive_moved_lines(tmp_path: Path) -> None:
    """A code host must know the same offence again below a new comment."""
    text = "services: {a: {image: 'x/y:latest'}}\n"
    before = sarif(lint([[written(tmp_path, text)]]), version="1")
    after = sarif(lint([[written(tmp_path, f"# new\n{text}")]]), version="1")

    def prints(log: dict[str, Any]) -> set[str]:
        return {one["partialFingerprints"]["tame/v1"] for one in log["runs"][0]["results"]}

    assert prints(before) == prints(after)


def test_exit_codes(tmp_path: Path) -> None:
    """0 clean, 1 a mandatory rule is broken, 2 a file cannot be read."""
    clean = written(tmp_path, "services: {}\n", "clean.yml")
    broken = written(tmp_path, "services: {a: {image: x}}\n", "broken.yml")

    assert exit_code(lint([[clean]], environment="dev")) == CLEAN
    assert exit_code(lint([[clean], [broken]])) == BROKEN
    assert exit_code(lint([[broken], [tmp_path / "none.yml"]])) == UNREADABLE
