"""Settings are read as Pulumi would read them, and secrets are not read at all."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from tame_components.domain.errors import EngineUnreachable, SettingsInvalid
from tame_components.ops.errors import ProjectMissing, SettingsUnreadable, StackUnclear
from tame_components.ops.missing import ROOT_SECRET, missing
from tame_components.ops.project import find_project
from tests.harness.stacks import values


def _project(folder: Path, *stacks: str, **changes: object) -> Path:
    (folder / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
    config = {f"tame:{key}": value for key, value in values(**changes).items()}
    for stack in stacks:
        (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}))
    return folder


def test_a_project_is_found_from_below(tmp_path: Path) -> None:
    """As with Pulumi's own CLI, a verb works in every directory of the project."""
    below = _project(tmp_path, "dev") / "stacks" / "deep"
    below.mkdir(parents=True)

    assert find_project(below).root == tmp_path


def test_no_project_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """TAME203 says how to make one."""
    with pytest.raises(ProjectMissing, match="tame init"):
        find_project(tmp_path)


def test_the_only_stack_needs_no_name(tmp_path: Path) -> None:
    """There is nothing to choose."""
    assert find_project(_project(tmp_path, "dev")).stack_file().stack == "dev"


@pytest.mark.parametrize("asked", [None, "nope"])
def test_an_unclear_stack_lists_the_stacks(tmp_path: Path, asked: str | None) -> None:
    """TAME204 names each stack that could have been meant."""
    project = find_project(_project(tmp_path, "dev", "prod"))

    with pytest.raises(StackUnclear, match="`dev` and `prod`"):
        project.stack_file(asked)


def test_pulumi_s_selected_stack_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pulumi stack select prod` chooses for `tame` too."""
    root = _project(tmp_path, "dev", "prod")
    digest = hashlib.sha1(str(root / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
    workspaces = tmp_path / "home" / "workspaces"
    workspaces.mkdir(parents=True)
    chosen = json.dumps({"stack": "organization/tame/prod"})
    (workspaces / f"tame-{digest}-workspace.json").write_text(chosen)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))

    assert find_project(root).stack_file().stack == "prod"


def test_numbers_and_booleans_that_pulumi_quoted_are_read(tmp_path: Path) -> None:
    """`pulumi config set` rewrites top-level values as text."""
    root = _project(tmp_path, "dev", rehearsal="true", wait_timeout="60")

    settings = find_project(root).stack_file().settings

    assert (settings.rehearsal, settings.wait_timeout) == (True, 60)


def test_encrypted_values_are_known_by_path_only(tmp_path: Path) -> None:
    """What is encrypted becomes no part of the values, at any depth."""
    secret = {"secure": "v1:c2VjcmV0"}
    secrets = {"gluetun": {"wireguard_private_key": secret}}
    root = _project(tmp_path, "dev", root_secret=secret, secrets=secrets)

    stack = find_project(root).stack_file()

    assert stack.secrets == {ROOT_SECRET, "tame:secrets.gluetun.wireguard_private_key"}
    assert "c2VjcmV0" not in repr(stack)


def test_broken_yaml_is_told_without_its_text(tmp_path: Path) -> None:
    """A secret may stand in the line that is wrong."""
    root = _project(tmp_path, "dev")
    (root / "Pulumi.dev.yaml").write_text("config:\n  tame:root_secret: [hunter2\n")

    with pytest.raises(SettingsUnreadable, match="line") as caught:
        find_project(root).stack_file()

    assert "hunter2" not in str(caught.value)


def test_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    """The same check as in a deployment, without one."""
    root = _project(tmp_path, "dev", environment="moon", engine="nonsense")

    with pytest.raises(SettingsInvalid) as caught:
        _ = find_project(root).stack_file().settings

    assert len(caught.value.mistakes) == 2


def test_what_is_missing_is_one_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets, settings and the machine together, what is required first."""

    def silent(host: str) -> None:
        raise EngineUnreachable(host, "nobody is there")

    monkeypatch.setattr("tame_components.ops.missing.connect", silent)
    root = _project(tmp_path, "dev", vpn={"provider": "custom"})

    items = missing(find_project(root).stack_file())

    keys = [one.key for one in items]
    assert keys[:2] == [ROOT_SECRET, "tame:secrets.gluetun.wireguard_private_key"]
    assert {"tame:vpn.addresses[0]", "tame:vpn.endpoint_ip", "engine", "data root"} <= set(keys)
    assert [one.optional for one in items] == sorted(one.optional for one in items)
