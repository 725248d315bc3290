"""`tame import --adopt` on the command line: what is asked, what is refused, what is printed."""

import json
from pathlib import Path

import pytest

from tame_components.cli import adopting
from tame_components.ops.adopt.carrying_out import Adoption, Outcome
from tests.cli.conftest import Tame
from tests.ops.adopt.old import Engine, bind, volume


STACK = """\
services:
  radarr:
    image: lscr.io/linuxserver/radarr:latest
    environment: { PUID: 1000, PGID: 1000, RADARR__AUTH__APIKEY: canary0123456789abcdef }
    volumes: ["./radarr:/config", "/srv/media:/data"]
"""


@pytest.fixture
def file(project: Path) -> Path:
    """A Compose file as they are found."""
    place = project / "docker-compose.yml"
    place.write_text(STACK)
    return place


@pytest.fixture
def engine(project: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine on which the stack of the Compose file runs."""
    one = Engine(project.name.lower())
    mount = bind(project / "radarr")
    one.add("radarr", mount, files={"/config/config.xml": "<ApiKey>canary</ApiKey>"})
    monkeypatch.setattr(adopting, "connect", lambda _: one)
    return one


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_adopting_shows_the_plan_and_changes_nothing(
    tame: Tame, project: Path, file: Path, engine: Engine, how: list[str]
) -> None:
    """Without a yes, from nobody who could be asked, nothing is written, stopped or stored."""
    before = sorted(project.rglob("*"))
    answer = tame("import", file.name, "--stack", "home", "--adopt", *how)

    assert answer.code == 3
    assert sorted(project.rglob("*")) == before
    assert engine.changes == []
    assert "`--yes` does what is planned" in answer.err
    assert "canary" not in answer.out + answer.err
    if how:
        found = json.loads(answer.out)
        assert found["executed"] is False
        assert found["plan"][0]["what"].startswith("write")
    else:
        assert "1. settings: write" in answer.out
        assert "only with `--old stop`" in answer.out


def test_adopting_never_replaces_a_strangers_file(
    tame: Tame, project: Path, file: Path, engine: Engine
) -> None:
    """TAME807 before anything else is done."""
    (project / "Pulumi.home.yaml").write_text("mine\n")
    answer = tame("import", file.name, "--stack", "home", "--adopt", "--yes", "--old", "stop")

    assert (answer.code, "[TAME807]" in answer.err) == (1, True)
    assert engine.changes == []


@pytest.mark.parametrize(
    "words", [["--yes"], ["--old", "stop"], ["--adopt", "--old", "stop"],
              ["--adopt", "--output", "x.yaml"]],
)  # fmt: skip
def test_what_goes_only_together_is_refused_apart(
    tame: Tame, project: Path, file: Path, words: list[str]
) -> None:
    """Old containers are never touched by a slip of the pen."""
    assert tame("import", file.name, *words).code == 2
    assert not list(project.glob("Pulumi.p*.yaml"))


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What may become of the old containers, of each plan that is carried out; none really is."""
    found: list[str] = []

    def run(_: object, old: str) -> Outcome:
        found.append(old)
        return Outcome(done=("wrote it",))

    monkeypatch.setattr(Adoption, "run", run)
    return found


@pytest.mark.parametrize(
    ("answers", "done"),
    [([False], []), ([True, False], ["keep"]), ([True, True], ["stop"])],
    ids=["no", "yes and no", "yes and yes"],
)
def test_adopting_asks_twice(  # noqa: PLR0917 - fixtures
    tame: Tame,
    file: Path,
    engine: Engine,
    carried: list[str],
    monkeypatch: pytest.MonkeyPatch,
    answers: list[bool],
    done: list[str],
) -> None:
    """Once for what stops nothing, once for the old containers; Enter means no."""
    engine.add("radarr", volume("films"), files={"/config/config.xml": ""})
    left = [*answers]

    def agreed(_: str, *, default: bool) -> bool:
        assert default is False
        return left.pop(0)

    monkeypatch.setattr(adopting, "somebody_answers", lambda: True)
    monkeypatch.setattr(adopting, "agreed", agreed)

    answer = tame("import", file.name, "--stack", "home", "--adopt")

    assert (carried, left) == (done, [])
    assert answer.code == (0 if done else 3)


@pytest.mark.usefixtures("engine")
def test_ctrl_c_says_how_to_go_on(tame: Tame, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """130, and that the same command goes on."""

    def run(*_: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr(Adoption, "run", run)

    answer = tame("import", file.name, "--stack", "home", "--adopt", "--yes")

    assert answer.code == 130
    assert "run the same command to go on" in answer.err
