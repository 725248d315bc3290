"""Several files, one stack."""

from pathlib import Path

import pytest

from tame_components.compose.containers import facts_of
from tame_components.compose.errors import (
    ComposeCycle,
    ComposeInvalid,
    ComposeReferenceMissing,
    ComposeUnreadable,
)
from tame_components.compose.loading import load
from tame_components.compose.services import read_services
from tame_components.compose.worlds import World
from tests.compose.stacks import FIXTURES, containers, project, written


def test_anchors_and_merge_keys() -> None:
    """What is shared is there; what is written in the service wins."""
    found = containers("anchors.yml")

    assert found["radarr"].environment == {"PUID": "1001", "PGID": "1000", "UMASK": "002"}
    assert found["radarr"].restart == "unless-stopped"
    assert found["sonarr"].restart == "unless-stopped"


def test_extends_takes_from_this_file_and_another() -> None:
    """Bases of bases count, the service wins, and paths are those of the file they stand in."""
    found = containers("extends/docker-compose.yml")

    assert found["radarr"].environment == {"PUID": "1000", "UMASK": "007"}
    assert found["radarr"].mounts[0].source == "./parts/config"
    assert found["local"].image == "lscr.io/linuxserver/sonarr:4.0.15"
    assert found["local"].restart == "always"


@pytest.mark.parametrize("name", ["extends/circle.yml", "include/circle.yml"])
def test_a_circle_is_refused(name: str) -> None:
    """TAME804 names the way round."""
    with pytest.raises(ComposeCycle, match="->"):
        project(name)


def test_a_base_that_is_not_there() -> None:
    """TAME805 names the line and the file."""
    with pytest.raises(ComposeReferenceMissing, match=r"lost\.yml:2.*nowhere\.yml"):
        project("extends/lost.yml")


def test_include_brings_services_with_their_own_variables() -> None:
    """An included file's paths and variables are its own."""
    found = containers("include/docker-compose.yml")

    assert sorted(found) == ["dozzle", "plex", "radarr"]
    assert found["plex"].mounts[0].source == "./more/config"
    assert found["dozzle"].image == "docker.io/amir20/dozzle:v8.14.0"


def test_an_override_file_comes_along() -> None:
    """Lists join, mappings merge, commands are replaced, `!reset` and `!override` do so."""
    found = containers("override/docker-compose.yml")
    radarr = found["radarr"]

    assert sorted(found) == ["radarr"]
    assert radarr.command == ("three",)
    assert [port.address for port in radarr.ports] == ["127.0.0.1"]
    assert radarr.environment == {"TZ": "Etc/UTC", "PUID": "1001"}
    assert {mount.target: mount.source for mount in radarr.mounts} == {
        "/data": "/srv/data",
        "/config": "/srv/config",
    }
    assert {one.network for one in radarr.attachments} == {"media", "other"}
    assert radarr.capabilities == ()
    assert radarr.labels == {"a": "1", "b": "2"}


def test_files_named_together_are_one_stack() -> None:
    """As `docker compose -f A -f B`: the default override file is then not asked."""
    files = ["override/docker-compose.yml", "profiles.yml"]
    found = load([FIXTURES / name for name in files])

    assert sorted(found.services) == ["gone", "radarr", "watchtower"]


def test_documents_of_one_file_are_merged() -> None:
    """A second document is an override."""
    assert containers("documents.yml")["radarr"].restart == "always"


def test_files_of_before_version_2() -> None:
    """Services at the top are services."""
    assert containers("legacy.yml")["radarr"].image.endswith("radarr:latest")


def test_variables_and_env_files() -> None:
    """`.env` fills the file in; `env_file` fills the container; what is written wins."""
    radarr = containers("env/docker-compose.yml")["radarr"]

    assert radarr.image == "lscr.io/linuxserver/radarr:6.2.1"
    assert radarr.environment == {
        "PUID": "1000",
        "GREETING": "hello\nworld",
        "QUOTED": "$NOT",
        "TZ": "Europe/Berlin",
        "NEXT": "10001",
        "FROM_ENV": "yes",
        "SHARED": "yes",
        "RAW": '"${KEPT}"',
        "FROM_SHELL": "${FROM_SHELL}",
    }


def test_another_file_of_variables() -> None:
    """`--env-file` takes the place of `.env`."""
    folder = FIXTURES / "env"
    found = load([folder / "docker-compose.yml"], env_files=[folder / "other.env"])
    facts = facts_of(read_services(found))

    assert facts(World.WRITTEN)[0].image.endswith(":5.0.0")


def test_the_callers_shell_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file has the same verdict on every machine."""
    monkeypatch.setenv("RADARR_TAG", "6.2.1")
    found = project("variables.yml").services["radarr"].get("image")

    assert found is not None
    assert found.unknown == ("RADARR_TAG",)


def test_profiles() -> None:
    """Everything is judged by default; `--profile` narrows to what would start."""
    file = [FIXTURES / "profiles.yml"]

    assert sorted(load(file).services) == ["radarr", "watchtower"]
    assert sorted(load(file, profiles=["none"]).services) == ["radarr"]
    assert sorted(load(file, profiles=["extras"]).services) == ["radarr", "watchtower"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("services: [a]", "`services` is not a mapping"),
        ("services: {a: 5}", "service `a` is not a mapping"),
        ("services: {a: {}}", "neither `image` nor `build`"),
        ("services: {a: {image: x, ports: ['a:b:c:d']}}", "not a port"),
        ("services: {a: {image: x, ports: ['99999:1']}}", "not a port"),
        ("services: {a: {image: '${'}}", "without a name"),
    ],
)
def test_what_is_no_compose_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    """TAME803 with file and line, as Compose would refuse it."""
    file = written(tmp_path, text)

    with pytest.raises(ComposeInvalid, match=rf"{file}:1: .*{told}"):
        read_services(load([file]))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"- a\n", b"just text", b""])
def test_what_is_no_mapping_is_unreadable(tmp_path: Path, content: bytes) -> None:
    """TAME801, and never a stack trace."""
    file = tmp_path / "compose.yml"
    file.write_bytes(content)

    with pytest.raises(ComposeUnreadable):
        load([file])
