"""What the engine's machine has to have is looked for there, not here and not nowhere."""

from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.errors import DataRootUnmarked, EngineUnreachable
from tame_components.domain.host_errors import FileSystemMissing
from tame_components.domain.paths import MARKER
from tame_components.domain.topology import Topology
from tame_components.ops.premises import conflicts_of
from tests.harness import stacks
from tests.ops.conftest import Breaks


FAR = "ssh://root@far"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A marked data root."""
    (tmp_path / MARKER).touch()
    return tmp_path


def _stack(root: Path, engine: str = FAR, **settings: Any) -> Topology:
    return stacks.only("radarr", engine=engine, data={"root": str(root)}, **settings)


OVER = {"over": {"host": "far"}}


def test_an_unmounted_disk_there_is_no_empty_library(root: Path, broken: Breaks) -> None:
    """Before each deployment, whoever prepares the host; a machine that does not answer says so."""
    assert conflicts_of(_stack(root, preparation=OVER)) == []
    (root / MARKER).unlink()
    with pytest.raises(DataRootUnmarked, match="of `far`"):
        conflicts_of(_stack(root, preparation=OVER))
    broken("test -e")
    with pytest.raises(EngineUnreachable, match="lost"):
        conflicts_of(_stack(root))
    assert conflicts_of(_stack(root, engine="tcp://far:2376")) == []


@pytest.mark.usefixtures("broken")
def test_a_file_system_there_has_to_be_mounted(root: Path) -> None:
    """By its own table of mounts, through links."""
    (root / "link").symlink_to("/proc")
    asked = {**OVER, "file_systems": ["/proc", str(root / "link")]}
    assert conflicts_of(_stack(root, preparation=asked)) == []
    with pytest.raises(FileSystemMissing, match=str(root)):
        conflicts_of(_stack(root, preparation={**OVER, "file_systems": [str(root)]}))


@pytest.mark.usefixtures("broken")
def test_folders_that_nobody_would_make_are_named(root: Path) -> None:
    """An importer without its folders copies nothing and links nothing."""
    (found,) = conflicts_of(_stack(root))
    folders = _stack(root).data.folders

    assert all(f"`{root}/{folder}`" in found for folder in folders)
    assert "`tame:preparation.over`" in found
    for folder in folders:
        (root / folder).mkdir(parents=True)
    assert conflicts_of(_stack(root)) == []
