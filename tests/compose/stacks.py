"""Compose files as the tests read them."""

from pathlib import Path

from tame_components.compose.containers import facts_of
from tame_components.compose.judging import Judged, Verdict, judge_project
from tame_components.compose.loading import Project, load
from tame_components.compose.services import read_services
from tame_components.compose.worlds import World
from tame_components.domain.container import Container


FIXTURES = Path(__file__).parent / "fixtures"


def project(name: str) -> Project:
    """The stack of a fixture."""
    return load([FIXTURES / name])


def containers(name: str, world: World = World.WRITTEN) -> dict[str, Container]:
    """The containers of a fixture, by service."""
    facts = facts_of(read_services(project(name)))
    return {one.name: one for one in facts(world)}


def written(directory: Path, text: str, name: str = "docker-compose.yml") -> Path:
    """A Compose file of *text*."""
    file = directory / name
    file.write_text(text)
    return file


def verdicts(judged: Judged, service: str) -> dict[str, Verdict]:
    """What is not simply kept by *service*, by rule."""
    return {one.rule.name: one.verdict for one in judged.findings if one.service == service}


def judged(name: str, environment: str | None = "sandbox") -> Judged:
    """The verdict on a fixture."""
    return judge_project(project(name), environment)
