"""The key of a host that is reached over SSH is asked for like any other secret."""

from pathlib import Path

import pytest
import yaml

from tame_components.ops.missing import missing
from tame_components.ops.project import find_project
from tame_components.resources.stack_config import _wanted
from tests.harness import stacks


KEY = "host.ssh-key"


@pytest.mark.parametrize(
    ("preparation", "wanted"),
    [(None, False), ({}, False), ({"over": {"host": "nas"}}, True)],
    ids=["none", "here", "over-ssh"],
)
def test_the_key_is_wanted_where_somebody_goes_over_ssh(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    preparation: dict[str, object] | None,
    *,
    wanted: bool,
) -> None:
    """By the deployment, and by `tame config`, whose command reads the whole key from a file."""
    monkeypatch.setattr("tame_components.ops.missing._host", lambda _stack: iter(()))
    values = stacks.values(services={"radarr": {}}, vpn=None, preparation=preparation)
    config = {f"tame:{key}": value for key, value in values.items()}
    (tmp_path / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
    (tmp_path / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
    file = find_project(tmp_path).stack_file("test")
    asked = {one.key: one.command for one in missing(file)}

    assert (KEY in _wanted(file.topology)) is wanted
    assert (f"tame:secrets.{KEY}" in asked) is wanted
    if wanted:
        assert asked[f"tame:secrets.{KEY}"].endswith("< FILE")
