"""What comes back is what ran, although lock, catalog and evidence are another release's by now."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.domain.lock import Lock, lock_file
from tame_components.domain.settings_check import check_settings
from tame_components.ops.project import Project
from tame_components.ops.promote import back
from tame_components.ops.promote.errors import NoWayBack
from tame_components.ops.promote.places import Places, Record
from tame_components.ops.promote.stage import Stage
from tests.domain.test_evidence import PUBLIC
from tests.harness import stacks


PIN = "lscr.io/linuxserver/radarr:{}"
DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def _project(root: Path, **settings: Any) -> Path:
    """A project of one stack, `test`, with one service and a secret; its settings file."""
    values = stacks.values(vpn=None, services={"radarr": {}}, **settings)
    config = {f"tame:{key}": value for key, value in values.items()}
    hidden = {"tame:root_secret": {"secure": "v1:abc"}}
    place = root / "Pulumi.test.yaml"
    place.write_text(yaml.safe_dump({"encryptionsalt": "v1:s", "config": {**config, **hidden}}))
    return place


def _recorded(root: Path, settings: Path) -> Stage:
    """The stack, after what its settings and its lock say was recorded as release `old`."""
    stack = Project(root).stack_file("test")
    places = Places(root / "promotions", "test")
    nothing: Any = None
    release = stack.topology.release
    record = Record.model_validate(
        {
            "id": "old",
            "release": release,
            "asked": stack.topology.images,
            "promoted": "2026-11-21T10:00:00+00:00",
            "seconds": 1.0,
            "evidence": "",
        }
    )
    places.promoted(record, settings)
    return Stage(root, stack, nothing, nothing, places, 0, lambda _: None)


def _config(goal: back.Target) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(goal.file.path.read_text())
    return found


def test_the_images_of_a_release_come_back_after_its_lock_moved(tmp_path: Path) -> None:
    """Pins and digests stand in a file that is the next release's by then."""
    settings = _project(tmp_path)
    pin, then = PIN.format("6.0.4.10291-ls290"), lock_file(tmp_path, "test")
    then.write_text(Lock(pins={"radarr": pin}, images={pin: DIGEST}).text())
    at = _recorded(tmp_path, settings)
    new = PIN.format("6.2.1.10461-ls308")
    then.write_text(Lock(pins={"radarr": new}, images={new: OTHER, pin: OTHER}).text())
    goal = back.target(at, "old", "it was proved before")

    assert str(goal.topology.service("radarr").image) == f"{pin}@{DIGEST}"
    assert _config(goal)["config"]["tame:services"] == {"radarr": {"image": f"{pin}@{DIGEST}"}}


def test_the_old_settings_are_pardoned_by_name_for_a_day(tmp_path: Path) -> None:
    """The glass that a rollback breaks is the one that everybody sees, and it closes by itself."""
    asked = {"required": True, "sandbox": "organization/tame/sandbox", "public_key": PUBLIC}
    settings = _project(tmp_path, evidence=asked)
    before = yaml.safe_load(settings.read_text())
    found = _config(back.target(_recorded(tmp_path, settings), "old", "rollback from new"))
    plain = {k.removeprefix("tame:"): v for k, v in found["config"].items() if "secret" not in k}
    evidence = check_settings("settings", "test", plain).evidence

    assert evidence.required
    assert evidence.break_glass is not None
    assert evidence.break_glass.owner == "tame promote"
    assert "rollback from new" in evidence.break_glass.reason
    assert found["config"]["tame:evidence"].items() >= asked.items()
    for key in ("tame:evidence", "tame:services"):
        before["config"][key] = found["config"][key]
    assert found == before


def test_a_stack_that_demands_no_evidence_gets_no_pardon(tmp_path: Path) -> None:
    """Secrets, salt and settings are those of the release; its images stand there by name."""
    settings = _project(tmp_path)
    before = yaml.safe_load(settings.read_text())
    goal = back.target(_recorded(tmp_path, settings), "old", "rollback from new")
    image = str(goal.topology.service("radarr").image)
    before["config"]["tame:services"] = {"radarr": {"image": image}}

    assert _config(goal) == before


def test_a_release_that_was_lost_is_no_way_back(tmp_path: Path) -> None:
    """Record or settings: it says which."""
    at = _recorded(tmp_path, _project(tmp_path))
    with pytest.raises(NoWayBack, match="record of release `new`"):
        back.target(at, "new", "it was proved before")
    at.places.settings_of("old").unlink()
    with pytest.raises(NoWayBack, match="settings of release `old`"):
        back.target(at, "old", "it was proved before")
