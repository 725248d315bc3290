"""What `pulumi destroy` takes, and what it leaves."""

from pathlib import Path

from tests.e2e.conftest import Make


def test_destroy_takes_the_stack_and_leaves_what_people_own(make: Make) -> None:
    """No container, network or labelled volume of the stack stays; data and state do."""
    stack = make("dozzle", "radarr", "socket-proxy")
    assert stack.up().code == 0
    film = Path(stack.settings["data"]["root"]) / "media/movies/film.mkv"
    film.write_text("film")
    database = Path(stack.settings["config_root"]) / "radarr/radarr.db"
    outcome = stack.destroy()

    assert outcome.code == 0, outcome.text
    assert stack.containers() == []
    assert stack.networks() == []
    assert stack.volumes() == []
    assert film.read_text() == "film"
    assert database.stat().st_size > 0
    assert stack.state()["deployment"].get("resources", []) == []


def test_what_was_destroyed_comes_back_with_its_state(make: Make) -> None:
    """A new `up` finds the directories again: same key, same database."""
    stack = make("radarr")
    assert stack.up().code == 0
    before = (Path(stack.settings["config_root"]) / "radarr/radarr.db").stat().st_ino
    assert stack.destroy().code == 0
    again = stack.up()

    assert again.code == 0, again.text
    assert (Path(stack.settings["config_root"]) / "radarr/radarr.db").stat().st_ino == before
