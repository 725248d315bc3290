"""The stand-in says of every recorded change what the official plugin said of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from testbed.toolchain.command_provider.command import check, diff
from testbed.toolchain.protocol import top_level


RECORDED = json.loads(
    (Path(__file__).parents[1] / "recordings" / "command-1.2-image-and-failures.json").read_text()
)["command.local.Command"]
BASE = RECORDED["state"][0]
CHANGES = {
    name: entry
    for name, entry in RECORDED.items()
    if isinstance(entry, dict) and "steps" in entry and not name.startswith("(environment")
}
REFUSED = {"asset_paths", "archive_paths"}


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


@pytest.mark.parametrize("change", CHANGES)
def test_recorded_change(change: str) -> None:
    """A recorded change of the inputs gives the recorded kinds, reasons and operation."""
    entry = CHANGES[change]
    news = dict(BASE["inputs"])
    if change != "(no change)":
        news[camel(change)] = entry["to"]
    assert_recorded(entry, BASE["outputs"], news)
    refused = {name for name, _ in check(news)}
    assert refused == ({camel(change)} if change in REFUSED else set())


def test_change_of_the_environment_with_the_update_command_gone() -> None:
    """Two changes at once are two entries, as recorded."""
    entry = RECORDED["(environment changed, no update command)"]
    news = {**BASE["inputs"], "environment": {"A": "3"}}
    del news["update"]
    assert_recorded(entry, RECORDED["(after update)"][0]["outputs"], news)


def assert_recorded(entry: dict[str, Any], state: dict[str, Any], news: dict[str, Any]) -> None:
    kinds = diff(state, news)
    step: dict[str, Any] = entry["steps"][0] if entry["steps"] else {"op": "same"}
    assert kinds == {path: one["kind"] for path, one in step.get("detailedDiff", {}).items()}
    assert {top_level(path) for path in kinds} == set(step.get("diffReasons", ()))
    replaces = any(kind.endswith("-replace") for kind in kinds.values())
    assert ("replace" if replaces else "update" if kinds else "same") == step["op"]


def test_there_are_recordings() -> None:
    """Every input of the official command has its recording: none was lost on the way here."""
    assert len(CHANGES) == 13
