"""The stand-in says of every recorded change what the official plugin said of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testbed.toolchain.docker_provider.checking import check
from testbed.toolchain.docker_provider.container_table import CONTAINER
from testbed.toolchain.docker_provider.diffing import diff
from testbed.toolchain.docker_provider.schema import Table, planned
from testbed.toolchain.docker_provider.tables import NETWORK, REMOTE_IMAGE, VOLUME
from testbed.toolchain.protocol import top_level


RECORDINGS = Path(__file__).parents[1] / "recordings"
PLUGIN = json.loads((RECORDINGS / "docker-plugin-5.1.json").read_text())
LATER = json.loads((RECORDINGS / "command-1.2-image-and-failures.json").read_text())


def camel(name: str) -> str:
    """A name of the Python SDK as the protocol spells it."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def spelled(value: object) -> object:
    """Arguments of the Python SDK as the protocol carries them; maps of texts keep their keys."""
    if isinstance(value, dict):
        return {camel(name): spelled(item) for name, item in value.items()}
    if isinstance(value, list):
        return [spelled(item) for item in value]
    return value


def recorded_state(token: str, name: str) -> dict[str, Any]:
    found = [
        entry
        for entry in [*PLUGIN["state"], *LATER["RemoteImage"]["state"]]
        if entry["type"] == token and (not name or entry["urn"].endswith(f"::{name}"))
    ]
    assert found, f"nothing recorded of {token} {name}"
    return dict(found[0])


def entries() -> Iterator[Any]:
    sections = (
        ("container", "docker:index/container:Container", "x", CONTAINER, PLUGIN["container"]),
        ("network", "docker:index/network:Network", "x", NETWORK, PLUGIN["network"]),
        ("volume", "docker:index/volume:Volume", "x", VOLUME, PLUGIN["volume"]),
        ("image", "docker:index/remoteImage:RemoteImage", "", REMOTE_IMAGE, LATER["RemoteImage"]),
    )
    for section, token, name, table, recorded in sections:
        for change, entry in recorded.items():
            if isinstance(entry, dict) and "steps" in entry:
                yield pytest.param(token, name, table, change, entry, id=f"{section}-{change}")


ENTRIES = list(entries())


def test_every_recording_is_covered() -> None:
    """No recorded change is left out by accident: there are as many tests as recordings."""
    assert len(ENTRIES) == sum(
        "steps" in entry
        for section in (
            PLUGIN["container"],
            PLUGIN["network"],
            PLUGIN["volume"],
            LATER["RemoteImage"],
        )
        for entry in section.values()
        if isinstance(entry, dict)
    )
    assert len(ENTRIES) > 80


@pytest.mark.parametrize(("token", "name", "table", "change", "entry"), ENTRIES)
def test_recorded_change(
    token: str, name: str, table: Table, change: str, entry: dict[str, Any]
) -> None:
    """A recorded change of the inputs gives the recorded kinds, reasons and operation."""
    before = recorded_state(token, name)
    news = {key: value for key, value in before["inputs"].items() if key not in _defaults(before)}
    if change != "(no change)":
        # `envs+` is a second recording of `envs`; `volumes.read_only` changes `volumes`.
        key = camel(change.rstrip("+").partition(".")[0])
        value = entry["to"]
        news[key] = value if table[key].kind == "map" else spelled(value)
    inputs, mistakes = check(table, news)
    assert not mistakes

    kinds = diff(table, before["outputs"], inputs)

    step: dict[str, Any] = entry["steps"][0] if entry["steps"] else {"op": "same"}
    assert kinds == {path: one["kind"] for path, one in step.get("detailedDiff", {}).items()}
    assert {top_level(path) for path in kinds} == set(step.get("diffReasons", ()))
    replaces = {top_level(path) for path, kind in kinds.items() if kind.endswith("-replace")}
    assert replaces == set(step.get("replaceReasons", ()))
    assert ("replace" if replaces else "update" if kinds else "same") == step["op"]


def _defaults(entry: dict[str, Any]) -> set[str]:
    return {"__defaults", *entry["inputs"].get("__defaults", ())}


FAILURES = {name: case for name, case in LATER["container failures"].items() if case.get("state")}


@pytest.mark.parametrize("name", FAILURES)
def test_inputs_of_a_failed_container(name: str) -> None:
    """`Check` fills in the defaults that the official plugin recorded, and marks the same ones."""
    case = FAILURES[name]
    inputs, mistakes = check(CONTAINER, spelled(case["args"]))  # type: ignore[arg-type] # a dict
    assert not mistakes
    assert inputs == case["state"][0]["inputs"]


@pytest.mark.parametrize("name", FAILURES)
def test_state_of_a_half_made_container(name: str) -> None:
    """The state of a half-made container holds what the official plugin recorded, key by key."""
    (recorded,) = FAILURES[name]["state"]
    outputs = {key: value for key, value in recorded["outputs"].items() if not key.startswith("__")}
    made = planned(CONTAINER, recorded["inputs"]) | {"id": recorded["id"]}
    assert made == outputs


@pytest.mark.parametrize("name", FAILURES)
def test_preview_after_a_failure(name: str) -> None:
    """What is left of a failed creation is replaced, for the recorded reasons."""
    case = FAILURES[name]
    (recorded,) = case["state"]
    (step,) = case["next preview"]["steps"]
    kinds = diff(CONTAINER, recorded["outputs"], recorded["inputs"])
    assert kinds == {path: one["kind"] for path, one in step["detailedDiff"].items()}
    assert step["op"] == "replace"
    replaces = {top_level(path) for path, kind in kinds.items() if kind.endswith("-replace")}
    assert replaces == set(step["replaceReasons"])
