"""The settings file of an import: written once, then its owner's, and never without its secrets."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tame_components.ops.adopt.settings import standing, write
from tame_components.ops.errors import CannotWrite


WANTED: dict[str, Any] = {
    "environment": "sandbox",
    "engine": "unix:///var/run/docker.sock",
    "config_root": "/srv/config",
    "data": {"root": "/srv/data"},
    "services": {"radarr": {}, "sonarr": {"uid": 911}},
}
SECRETS = {
    "tame:root_secret": {"secure": "v1:root"},
    "tame:secrets": {"radarr": {"api-key": {"secure": "v1:key"}}},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where it goes."""
    return tmp_path / "Pulumi.home.yaml"


def content(**changes: Any) -> str:
    """A file as Pulumi leaves it, with secrets."""
    plain = {f"tame:{key}": value for key, value in {**WANTED, **changes}.items()}
    return yaml.safe_dump({"encryptionsalt": "v1:salt", "config": {**plain, **SECRETS}})


def test_nothing_is_there(file: Path) -> None:
    """The first run."""
    assert standing(file, "home", WANTED).state == "none"


def test_the_same_settings_are_the_same_whatever_pulumi_added(file: Path) -> None:
    """Salt and secrets make no other file of it; which secrets it has is known."""
    file.write_text(content())

    found = standing(file, "home", WANTED)

    assert (found.state, found.differs) == ("same", ())
    assert found.stored == {"tame:root_secret", "tame:secrets.radarr.api-key"}


def test_what_its_owner_changed_is_named(file: Path) -> None:
    """By key; what it says now counts."""
    file.write_text(content(config_root="/mnt/config"))

    found = standing(file, "home", WANTED)

    assert (found.state, found.differs) == ("differs", ("config_root",))
    assert found.values["config_root"] == "/mnt/config"


@pytest.mark.parametrize(
    "text",
    ["mine\n", "- a\n", "config: {}\n", content(services={"plex": {}}), content(data=None)[:80]],
)
def test_somebody_elses_file_is_foreign(file: Path, text: str) -> None:
    """No settings, half of them, or of a stack with none of the services."""
    file.write_text(text)

    assert standing(file, "home", WANTED).state == "foreign"


def test_replaced_settings_keep_every_secret(file: Path) -> None:
    """Without the salt nothing that is encrypted could be read again."""
    file.write_text(content(config_root="/old"))
    file.chmod(0o600)

    write(file, "# from a Compose file\nconfig:\n  tame:config_root: /new\n")

    found = yaml.safe_load(file.read_text())
    assert found == {
        "encryptionsalt": "v1:salt",
        "config": {"tame:config_root": "/new", **SECRETS},
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """TAME507, and nothing is left beside it."""
    with pytest.raises(CannotWrite, match="nowhere"):
        write(tmp_path / "nowhere" / "Pulumi.home.yaml", "config: {}\n")
