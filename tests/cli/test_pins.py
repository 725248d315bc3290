"""`tame pins` over several stacks."""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tame_components.catalog import catalog
from tests.cli.conftest import Tame
from tests.harness.fake_registry import FakeRegistry, serving


NEXT, NEWEST = "98.1.2.3-ls400", "99.1.2.3-ls400"
BUILT = {
    str(catalog()["radarr"].image.tag): "2026-06-01T00:00:00Z",
    NEXT: "2026-07-01T00:00:00Z",
    NEWEST: "2026-08-01T00:00:00Z",
}


@pytest.fixture
def pair(project: Path) -> Iterator[Path]:
    """The stacks `test` and `other`, which run Radarr, and a registry that has newer ones."""
    with serving(FakeRegistry(BUILT, login=False)) as url:
        file = project / "Pulumi.test.yaml"
        content = yaml.safe_load(file.read_text())
        content["config"] |= {
            "tame:services": {"radarr": {}},
            "tame:registry": {"mirrors": {"lscr.io": url}},
        }
        del content["config"]["tame:vpn"]
        file.write_text(yaml.safe_dump(content))
        shutil.copyfile(file, project / "Pulumi.other.yaml")
        yield project


def _pins(project: Path, stack: str) -> dict[str, str]:
    file = project / f"images.{stack}.lock.toml"
    pins: dict[str, str] = tomllib.loads(file.read_text())["pins"]
    return pins


def test_stacks_are_moved_in_one_call(tame: Tame, pair: Path) -> None:
    """Each line says which stack; a release that is named is taken for all of them."""
    answer = tame("pins", "update", "test", "other", "--service", "radarr", "--to", NEXT)

    assert (answer.code, answer.err) == (0, "")
    assert f"test: radarr: {catalog()['radarr'].image.tag} -> {NEXT}" in answer.out
    assert _pins(pair, "test") == _pins(pair, "other")
    assert _pins(pair, "test")["radarr"].endswith(f":{NEXT}")


def test_a_plan_over_several_stacks_writes_nothing(tame: Tame, pair: Path) -> None:
    """It is to be read first."""
    answer = tame("pins", "update", "test", "other", "--plan")

    assert answer.code == 0
    assert answer.out.count(f"-> {NEWEST}") == 2
    assert list(pair.glob("images.*")) == []


def test_a_release_without_a_service_is_refused(tame: Tame, pair: Path) -> None:
    """The tag of one application says nothing about the others."""
    answer = tame("pins", "update", "test", "--to", NEXT)

    assert answer.code == 2
    assert "name a service" in answer.err
    assert list(pair.glob("images.*")) == []


def test_what_is_proposed_is_read_before_anything_moves(tame: Tame, pair: Path) -> None:
    """A folder for each application; one that is there already is written anew."""
    taken = pair / "open"
    taken.write_text(f"pins/radarr-{NEXT}\t#7\n")
    asked = ("pins", "propose", "test", "other", "-o", "out", "--open", str(taken))
    tame(*asked)
    answer = tame(*asked)

    assert (answer.code, answer.out) == (0, f"pins/radarr-{NEWEST}: test, other\n")
    assert "#7" in (pair / "out" / f"radarr-{NEWEST}" / "body.md").read_text()
    assert list(pair.glob("images.*")) == []
