"""A rollback may run what was proved before, although the sandbox proves something else by now."""

from pathlib import Path
from typing import Any

import yaml

from tame_components.domain.settings_check import check_settings
from tame_components.ops.project import StackFile
from tame_components.ops.promote.phases import Journal
from tame_components.ops.promote.undoing import _pardoned
from tests.domain.test_evidence import PUBLIC
from tests.harness import stacks
from tests.ops.promote.worlds import World, stage


def _file(root: Path, **evidence: Any) -> StackFile:
    values = stacks.values(evidence=evidence) if evidence else stacks.values()
    config = {f"tame:{key}": value for key, value in values.items()}
    hidden = {"tame:root_secret": {"secure": "v1:abc"}}
    place = root / "old" / "Pulumi.test.yaml"
    place.parent.mkdir()
    place.write_text(yaml.safe_dump({"encryptionsalt": "v1:s", "config": {**config, **hidden}}))
    return StackFile("test", place, {}, frozenset())


def _after(root: Path, old: StackFile) -> dict[str, Any]:
    journal = Journal(stack="test", release="new", previous="old", started="now")
    place = _pardoned(stage(World(), root, "1.0.1"), old, journal)
    found: dict[str, Any] = yaml.safe_load(place.read_text())
    return found


def test_the_old_settings_are_pardoned_by_name_for_a_day(tmp_path: Path) -> None:
    """The glass that a rollback breaks is the one that everybody sees, and it closes by itself."""
    asked = {"required": True, "sandbox": "organization/tame/sandbox", "public_key": PUBLIC}
    old = _file(tmp_path, **asked)
    before = yaml.safe_load(old.path.read_text())
    found = _after(tmp_path, old)
    plain = {k.removeprefix("tame:"): v for k, v in found["config"].items() if "secret" not in k}
    evidence = check_settings("settings", "test", plain).evidence

    assert evidence.required
    assert evidence.break_glass is not None
    assert evidence.break_glass.owner == "tame promote"
    assert "rollback from new" in evidence.break_glass.reason
    evidence_before = before["config"].pop("tame:evidence")
    assert found["config"].pop("tame:evidence").items() >= evidence_before.items()
    assert found == before


def test_a_stack_that_demands_no_evidence_is_deployed_as_it_was(tmp_path: Path) -> None:
    """Secrets, salt and settings are those of the release."""
    old = _file(tmp_path)
    assert _after(tmp_path, old) == yaml.safe_load(old.path.read_text())
