"""The wheel has what somebody without a clone needs, and nothing else."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder


ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tame_components"
TEMPLATE = ("Pulumi.yaml", "Pulumi.sandbox.yaml", "Pulumi.prod.yaml", "stacks", "policies")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel's content, as an installation would put it into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"


def _files(folder: Path, *parts: str) -> dict[str, bytes]:
    """Relative path -> content, of what is no by-product."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for part in parts or (".",)
        for file in sorted([folder / part, *(folder / part).rglob("*")])
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_package_is_whole(installed: Path) -> None:
    """Modules, the catalog's TOML files, and the mark that it is typed: all, and as they are."""
    shipped = _files(installed / "tame_components")
    wanted = _files(PACKAGE)

    assert "py.typed" in wanted
    assert "catalog/apps/radarr.toml" in wanted
    assert {name: shipped.get(name) for name in wanted} == wanted


def test_the_template_is_the_repository_s_own_project(installed: Path) -> None:
    """`tame init` gives what the tests of this repository ran."""
    assert _files(installed / "tame_components/template") == _files(ROOT, *TEMPLATE)


def test_nothing_of_the_rehearsal_is_shipped(installed: Path) -> None:
    """One package at the top: no `tests`, `testbed` or `stacks` in anybody's site-packages."""
    tops = {one.name for one in installed.iterdir() if one.suffix != ".dist-info"}
    names = " ".join(_files(installed))

    assert tops == {"tame_components"}
    assert "Pulumi.dev.yaml" not in names
    assert "/tests/" not in names


def test_it_says_what_it_is(installed: Path) -> None:
    """The command, the licence and the version of Python stand in its metadata."""
    (facts,) = installed.glob("tame_media-*.dist-info")

    assert "tame = tame_components.cli:main" in (facts / "entry_points.txt").read_text()
    assert (facts / "licenses/LICENSE").is_file()
    metadata = (facts / "METADATA").read_text()
    assert "Requires-Python: >=3.11" in metadata
    assert "Requires-Dist: pulumi-docker" in metadata


def test_a_newcomer_gets_a_project_and_a_picture(installed: Path, tmp_path: Path) -> None:
    """`tame init` and `tame graph` work from the wheel's files alone, far from the checkout."""
    project = tmp_path / "project"

    made = _tame(installed, tmp_path, "init", str(project))
    drawn = _tame(installed, project, "graph", "sandbox")

    assert made.returncode == 0, made.stderr
    assert (project / "requirements.txt").read_text().startswith("tame-media==")
    assert "flowchart" in drawn.stdout, drawn.stderr
    assert _files(project, *TEMPLATE) == _files(ROOT, *TEMPLATE)


def _tame(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import tame_components, sys; from tame_components.cli import main\n"
        f"assert tame_components.__file__.startswith({str(site)!r}), tame_components.__file__\n"
        "main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
