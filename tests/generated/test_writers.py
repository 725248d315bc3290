"""What Recyclarr and Kometa are told: addresses that hold, keys by reference, a person's wishes."""

import re
from typing import Any

import pytest
import yaml

from tame_components.domain.errors import SettingsInvalid
from tame_components.domain.holding import secrets_of
from tame_components.domain.rendering import container_of
from tame_components.domain.topology import Topology
from tame_components.generated import files_of
from tests.harness import stacks


SERVICES: dict[str, dict[str, Any]] = {
    "radarr": {},
    "radarr-4k": {"app": "radarr"},
    "sonarr": {},
    "plex": {},
    "tautulli": {},
    "recyclarr": {},
    "kometa": {},
}
PIPELINE = {
    "libraries": {
        "movies": {"kind": "movies", "folder": "media/movies"},
        "uhd": {"kind": "movies", "folder": "media/uhd", "service": "radarr-4k"},
        "tv": {"kind": "tv", "folder": "media/tv", "title": "TV Shows"},
        "music": {"kind": "music", "folder": "media/music"},
    },
    "quality": {
        "hd": {"template": "radarr-quality-profile-hd-bluray-web", "service": "radarr"},
        "mine": {"template": "mine.yml", "service": "radarr"},
        "guide": {"template": "d1d67249d3890e49bc12e275d989a7e9", "service": "sonarr"},
    },
}


class _Loader(yaml.SafeLoader):
    """Reads `!env_var NAME` as the name, with a sign before it."""


_Loader.add_constructor("!env_var", lambda _, node: f"${node.value}")


def stack(**changes: Any) -> Topology:
    """Two of one kind, and both writers."""
    return stacks.topology(**{"services": SERVICES, "pipeline": PIPELINE, **changes})


def told(name: str, **changes: Any) -> dict[str, Any]:
    """The configuration of *name*."""
    topology = stack(**changes)
    (file,) = files_of(topology, topology.service(name))
    found: dict[str, Any] = yaml.load(file.content, _Loader)  # noqa: S506 - a safe one
    return found


def test_recyclarr_writes_into_each_instance_under_its_own_name() -> None:
    """The address is the wire's, and the key is the variable that holds that instance's."""
    config = told("recyclarr")

    assert config["radarr"]["radarr-4k"] == {
        "base_url": "http://radarr-4k:7878",
        "api_key": "$radarr-4k_api_key",
    }
    assert set(config["radarr"]) == {"radarr", "radarr-4k"}
    assert set(config["sonarr"]) == {"sonarr"}


def test_recyclarrs_keys_are_there() -> None:
    """Each variable that its file names is one that the container gets, and secret."""
    topology = stack()
    config = told("recyclarr")
    named = {one["api_key"][1:] for part in config.values() for one in part.values()}

    assert named == set(container_of(topology, topology.service("recyclarr")).secret_variables)


def test_recyclarr_writes_what_the_settings_name() -> None:
    """A template, a person's own file, a profile of the guides: each in its own form."""
    config = told("recyclarr")

    assert config["radarr"]["radarr"]["include"] == [
        {"template": "radarr-quality-profile-hd-bluray-web"},
        {"config": "mine.yml"},
    ]
    assert config["sonarr"]["sonarr"]["quality_profiles"] == [
        {"trash_id": "d1d67249d3890e49bc12e275d989a7e9"}
    ]


def test_recyclarr_is_told_only_of_whom_it_calls() -> None:
    """`uses` narrows the file as it narrows the keys; the file lies where its command looks."""
    topology = stack(services={**SERVICES, "recyclarr": {"uses": ["sonarr"]}})
    (file,) = files_of(topology, topology.service("recyclarr"))

    assert set(yaml.load(file.content, _Loader)) == {"sonarr"}  # noqa: S506 - a safe one
    assert file.path in container_of(topology, topology.service("recyclarr")).command


@pytest.mark.parametrize("service", ["lidarr", "plex"])
def test_a_profile_for_a_stranger_is_refused(service: str) -> None:
    """A misspelt service would go without its profile, silently."""
    with pytest.raises(SettingsInvalid) as raised:
        told("recyclarr", pipeline={"quality": {"hd": {"template": "x", "service": service}}})

    assert "pipeline.quality.hd.service" in str(raised.value)
    assert f"`{service}`" in str(raised.value)


def test_kometa_asks_whom_the_stack_has() -> None:
    """Addresses are the wires'; what adds to an *arr is off until a person wants it."""
    config = told("kometa")

    assert config["plex"] == {"url": "http://plex:32400", "token": "ENV"}
    assert config["tautulli"] == {"url": "http://tautulli:8181", "apikey": "<<tautullikey>>"}
    assert config["radarr"]["url"] == "http://radarr:7878"
    assert config["radarr"]["root_folder_path"] == "/data/media/movies"
    assert config["sonarr"]["root_folder_path"] == "/data/media/tv"
    assert not any(config[one][what] for one in ("radarr", "sonarr") for what in _ADDS)


_ADDS = ("add_missing", "add_existing")


def test_kometa_looks_after_the_libraries_of_the_settings() -> None:
    """Movies and series; one that another Radarr files into has that one beside it."""
    libraries = told("kometa")["libraries"]

    assert {name: one["library_name"] for name, one in libraries.items()} == {
        "movies": "movies",
        "tv": "TV Shows",
        "uhd": "uhd",
    }
    assert libraries["uhd"]["radarr"]["url"] == "http://radarr-4k:7878"
    assert libraries["uhd"]["radarr"]["root_folder_path"] == "/data/media/uhd"
    assert "radarr" not in libraries["movies"]


def test_kometas_placeholders_have_values() -> None:
    """Kometa takes KOMETA_ off a variable, and makes the rest small; an unknown one is no key."""
    topology = stack()
    service = topology.service("kometa")
    (file,) = files_of(topology, service)
    held = {one.secret.variable or "" for one in secrets_of(topology, service)}
    known = {name.removeprefix("KOMETA_").lower() for name in held}

    assert set(re.findall("<<(.+?)>>", file.content)) <= known
    assert "KOMETA_PLEX_TOKEN" in held  # what `ENV` stands for


def test_kometa_leaves_a_persons_file_alone() -> None:
    """Its own name, beside logs and caches, read-only; one variable leads to theirs again."""
    topology = stack(
        services={**SERVICES, "kometa": {"environment": {"KOMETA_CONFIG": "/config/config.yml"}}}
    )
    service = topology.service("kometa")
    (file,) = files_of(topology, service)
    plain = container_of(stack(), stack().service("kometa")).environment

    assert file.path == plain["KOMETA_CONFIG"] == "/config/tame.yml"
    assert plain["KOMETA_READ_ONLY_CONFIG"] == "true"
    assert container_of(topology, service).environment["KOMETA_CONFIG"] == "/config/config.yml"


@pytest.mark.parametrize("name", ["recyclarr", "kometa"])
def test_alone_they_have_nothing_to_do(name: str) -> None:
    """A stack without anybody to ask still gives a file that can be read."""
    assert isinstance(told(name, services={name: {}}, pipeline=None), dict)
