"""Stages, and a repository that is made once."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tame_components.ops.snapshots import session
from tame_components.ops.snapshots.planning import repository_of
from tame_components.ops.snapshots.repository import Repository
from tests.ops.snapshots.stage import PASSWORD, Shelf, Stage
from tests.ops.snapshots.weak_key import weaken


MakeStage = Callable[..., Stage]


@pytest.fixture(scope="session")
def empty_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository without snapshots; making one takes restic seconds."""
    if shutil.which("restic") is None:
        pytest.skip("no restic on PATH")
    place = tmp_path_factory.mktemp("restic") / "repository"
    Repository(str(place), PASSWORD, host="test").ensure()
    weaken(place, PASSWORD)
    return place


@pytest.fixture
def repository(empty_repository: Path, tmp_path: Path) -> Repository:
    """A repository of one test's own."""
    place = tmp_path / "repository"
    shutil.copytree(empty_repository, place)
    return Repository(str(place), PASSWORD, host="test")


@pytest.fixture
def make_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeStage:
    """Makes a stack with files; the services named run. Its repository is a plain directory."""
    monkeypatch.setattr(session, "Repository", lambda *_, **__: Shelf(tmp_path / "shelf"))
    return lambda *running, **settings: Stage(tmp_path / "stage", *running, **settings)


@pytest.fixture
def make_real_stage(empty_repository: Path, tmp_path: Path) -> MakeStage:
    """The same, with a repository of restic."""

    def make(*running: str, **settings: Any) -> Stage:
        stage = Stage(tmp_path / "stage", *running, **settings)
        shutil.copytree(empty_repository, repository_of(stage.topology))
        return stage

    return make
