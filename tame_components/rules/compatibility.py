"""Versions that go together."""

from collections.abc import Iterator
from functools import cache
from importlib import resources

from tame_components.domain.compatibility import (
    Fact,
    Incompatibility,
    Running,
    incompatible,
    parse_facts,
    version_of,
)
from tame_components.rules.known import names_of
from tame_components.rules.model import Rule, Scope, StackFinding


@cache
def known_facts() -> tuple[Fact, ...]:
    """What is known; part of the package, read when the first stack is judged."""
    file = resources.files("tame_components") / "catalog" / "compatibility.toml"
    return parse_facts(file.read_text("utf-8"))


def _found(scope: Scope) -> Iterator[Incompatibility]:
    running = [
        Running(one.service or one.name, _dashed(names_of(one)), version)
        for one in scope.containers
        if (version := version_of(_tag(one.image)))
    ]
    yield from incompatible(running, known_facts())


def _dashed(names: frozenset[str]) -> frozenset[str]:
    """As the catalog writes them: images say `tdarr_node`."""
    return frozenset(name.replace("_", "-") for name in names)


def _tag(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _together(scope: Scope) -> Iterator[StackFinding]:
    for one in _found(scope):
        if one.other is not None:
            yield one.service, one.message, one.fact.instead


def _alone(scope: Scope) -> Iterator[StackFinding]:
    for one in _found(scope):
        if one.other is None:
            yield one.service, one.message, one.fact.instead


INCOMPATIBLE_VERSIONS = Rule(
    id="R39",
    name="incompatible-versions",
    summary="Two applications run in versions that do not work together",
    why="each is healthy by itself, and the wire between them fails from the day of the update",
    example="sonarr: {image: lscr.io/linuxserver/sonarr:4.0.15.2941-ls286}  # qbittorrent: 5.2.3",
    instead="sonarr: {image: lscr.io/linuxserver/sonarr:4.0.19.2979-ls316}",
    reads=frozenset({"image"}),
    check_stack=_together,
)

RETIRED_VERSION = Rule(
    id="R39A",
    name="retired-version",
    summary="An application runs in a version that its authors have given up or declared unsafe",
    why="nobody mends what is found in it",
    example="image: qmcgaw/gluetun:v3.38.0",
    instead="image: qmcgaw/gluetun:v3.41.3",
    reads=frozenset({"image"}),
    check_stack=_alone,
)

RULES = (INCOMPATIBLE_VERSIONS, RETIRED_VERSION)
