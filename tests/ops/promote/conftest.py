"""Promotions and rollbacks on a host that fits into a page."""

from pathlib import Path
from typing import Any

import pytest

from tame_components.ops.promote import back
from tests.ops.promote.worlds import OLD, FakeStage, World, run, topology


@pytest.fixture
def simple_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs real files and a real engine is tested end to end."""

    def target(at: FakeStage, release: str, _: str) -> Any:
        path = at.places.settings_of(release)
        file = type("File", (), {"path": path})
        record = at.places.record(release)
        wanted = topology(at.project, path.read_text().strip())
        return type("Target", (), {"record": record, "file": file, "topology": wanted})

    def proof(at: FakeStage, goal: Any, _: object) -> tuple[list[str], Any, Path]:
        wanted = goal.file.path.read_text().strip()
        well = (at.world.running, at.world.schema, at.world.still) == (wanted, wanted, False)
        wrong = [] if well else [f"{at.world.running} runs"]
        evidence, place = at.gate()
        return wrong, evidence, place

    def wake(at: FakeStage, _: object) -> None:
        at.world.step()
        if at.world.still and at.world.running:
            at.world.start(at.world.running)

    monkeypatch.setattr(back, "target", target)
    monkeypatch.setattr(back, "proof", proof)
    monkeypatch.setattr(back, "wake", wake)


@pytest.fixture
def world(tmp_path: Path, simple_way_back: None) -> World:  # noqa: ARG001 - patches
    """A host on which `OLD` was promoted, and has a row."""
    one = World()
    assert run(one, tmp_path, OLD) is None
    one.row_of, one.operations = "sam", 0
    return one
