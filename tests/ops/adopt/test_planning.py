"""The plan says what will happen, in order, by whom; looking changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tame_components.ops.adopt.errors import OldProjectUnclear
from tame_components.ops.adopt.looking import look
from tame_components.ops.adopt.model import ADOPTED, Plan, Step
from tame_components.ops.adopt.observed import observed
from tame_components.ops.adopt.planning import plan
from tests.ops.adopt.old import COMPOSE, Engine, bind, given, imported, running, volume


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """The stack runs."""
    return running(tmp_path)


def planned(place: Path, engine: Any, text: str = COMPOSE) -> Plan:
    """The plan of a first run."""
    return plan(given(place, engine, text), engine)


def said(found: Plan, kind: str, service: str = "") -> Step:
    """The one step of *kind* about *service*."""
    (step,) = [one for one in found.steps if (one.kind, one.service) == (kind, service)]
    return step


def test_nothing_is_changed_by_a_plan(tmp_path: Path, engine: Engine) -> None:
    """No call that changes something, no file written."""
    before = sorted(tmp_path.rglob("*"))
    found = planned(tmp_path, engine)

    assert found.left
    assert engine.changes == []
    assert sorted({*tmp_path.rglob("*")} - {*before}) == [tmp_path / "docker-compose.yml"]


def test_the_order_is_settings_secrets_stop_state_deploy_remove(
    tmp_path: Path, engine: Engine
) -> None:
    """Nothing is copied while it is written, nothing starts without its keys."""
    order = ["settings", "stack", "secret", "mark", "stop", "state", "deploy", "remove"]
    kinds = [one.kind for one in planned(tmp_path, engine).steps if one.kind in order]

    assert kinds == sorted(kinds, key=order.index)


def test_the_engine_knows_where_state_lies(tmp_path: Path, engine: Engine) -> None:
    """A volume, a directory that stays, one of another image, and a volume without a name."""
    moves = {one.service: one for one in planned(tmp_path, engine).moves}

    assert (moves["radarr"].state.kind, moves["radarr"].state.source) == ("volume", "media_films")
    assert moves["sonarr"].stays
    assert moves["overseerr"].stays
    assert moves["overseerr"].state.directory == "/app/config"
    assert moves["prowlarr"].state.source == "f" * 64
    assert moves["radarr"].target == str(tmp_path / "config/radarr")


def test_state_in_the_container_itself_is_not_forgotten(tmp_path: Path) -> None:
    """An image without a volume keeps what it writes in its own layer; or it keeps nothing."""
    engine = running(tmp_path)
    engine.add("prowlarr", files={"/config/config.xml": "<ApiKey>x</ApiKey>"})
    engine.add("radarr")
    found = planned(tmp_path, engine)

    prowlarr = next(one for one in found.moves if one.service == "prowlarr")
    assert prowlarr.state.words == "`/config` of the container `media-prowlarr-1`"
    assert any("starts empty" in one.what for one in found.steps if one.service == "radarr")
    assert "radarr" not in {one.service for one in found.keys}


def test_without_containers_the_files_say_it(tmp_path: Path) -> None:
    """A stack that was taken down still has its volumes, by the names that Compose gives."""
    (tmp_path / "config/sonarr").mkdir(parents=True)
    found = planned(tmp_path, Engine())
    moves = {one.service: one for one in found.moves}

    assert moves["sonarr"].stays
    assert "overseerr" not in moves  # its directory is not there
    assert moves["radarr"].state.source == "media_films"
    assert moves["radarr"].container == ""
    assert "prowlarr" not in moves
    gone = planned(tmp_path, Engine(), COMPOSE.replace("films:", "taken-away:"))
    assert "radarr" not in {one.service for one in gone.moves}
    assert found.victims == ()
    assert any("no container" in one.what for one in found.steps)


def test_a_directory_that_nobody_knows_is_left_to_a_person(tmp_path: Path) -> None:
    """An unset variable is not guessed."""
    text = "services: {radarr: {image: lscr.io/linuxserver/radarr, volumes: ['${A}/r:/config']}}"
    found = planned(tmp_path, Engine(), text)

    assert found.moves == ()
    step = said(found, "state", "radarr")
    assert (step.by, "`A` says where it is" in step.what) == ("you", True)


def test_keys_come_from_variables_or_files_and_are_never_in_the_plan(
    tmp_path: Path, engine: Engine
) -> None:
    """By name; a variable wins over the file, as it does in the application."""
    found = planned(tmp_path, engine)
    sources = {(one.service, one.secret): one.source for one in found.keys}

    assert sources["radarr", "api-key"] == "`config.xml`"
    assert sources["overseerr", "api-key"] == "`settings.json`"
    assert sources["prowlarr", "api-key"] == "`PROWLARR__AUTH__APIKEY`"
    assert "canary" not in found.model_dump_json()
    assert "0123456789abcdef" not in found.model_dump_json()


def test_only_what_is_replaced_or_refused_is_stopped(tmp_path: Path, engine: Engine) -> None:
    """A blog in the same file goes on; watchtower would replace the new containers."""
    found = planned(tmp_path, engine)

    assert {one.called for one in found.victims} == {
        *("radarr", "sonarr", "overseerr", "prowlarr", "watchtower")
    }
    stop, remove = said(found, "stop"), said(found, "remove")
    assert (stop.by, remove.by) == ("old-stop", "old-remove")
    file = tmp_path / "docker-compose.yml"
    assert stop.command.startswith(f"docker compose -f {file} -p media stop ")
    assert "blog" not in stop.command + remove.command
    assert "volumes" in remove.what
    assert "restart: always" in remove.what
    assert any("`blog`: not in the new stack" in one.what for one in found.steps)


def test_databases_get_their_time_to_close(tmp_path: Path, engine: Engine) -> None:
    """Docker's own 10 seconds are what corrupts SQLite."""
    assert all(one.grace >= 60 for one in planned(tmp_path, engine).victims if one.service)


@pytest.mark.parametrize(("version", "told"), [("99.1.2-ls1", True), ("1.0.0", False), ("", False)])
def test_a_program_never_goes_back_in_silence(tmp_path: Path, version: str, *, told: bool) -> None:
    """`latest` may be newer than the catalog's pin, and its database too."""
    engine = running(tmp_path)
    label = {"org.opencontainers.image.version": version or "x"}
    engine.add("radarr", volume("media_films"), files={"/config/a": ""}, labels=label)
    notes = [one.what for one in planned(tmp_path, engine).steps if one.service == "radarr"]

    assert any("tame:services.radarr.image" in one for one in notes) is told


def test_a_project_of_another_name_is_found_by_its_files(tmp_path: Path) -> None:
    """`docker compose -p` renames it; two at once are a question."""
    engine = Engine(project="other")
    label = {"com.docker.compose.project.config_files": str(tmp_path / "docker-compose.yml")}
    engine.add("radarr", volume("other_films"), files={"/config/a": ""}, labels=label)
    _, old = imported(tmp_path)

    assert look(old, engine).project == "other"  # type: ignore[arg-type] # what is used of it
    engine.add("sonarr", labels={**label, "com.docker.compose.project": "third"})
    with pytest.raises(OldProjectUnclear, match="`other` and `third`"):
        look(old, engine)  # type: ignore[arg-type] # same


def test_ids_are_those_of_the_files(tmp_path: Path, engine: Engine) -> None:
    """Where the Compose file says none: 911 stays 911; root's files make nobody root."""
    found, old = imported(tmp_path)
    looked = look(old, engine)  # type: ignore[arg-type] # what is used of it
    settings = observed(found.settings, old, looked, engine)  # type: ignore[arg-type] # same

    assert settings["identity"]["uid"] == 1000
    assert settings["services"]["sonarr"]["uid"] == 911
    assert "uid" not in settings["services"]["radarr"]
    assert "uid" not in settings["services"]["overseerr"]


@pytest.mark.parametrize(("ended", "stale"), [("2026-01-01", False), ("2026-03-01", True)])
def test_a_copy_is_made_once_and_its_age_is_told(
    tmp_path: Path, ended: str, *, stale: bool
) -> None:
    """Who went back to the old stack after it learns that the copy lacks what came since."""
    engine = running(tmp_path)
    engine.add(
        "radarr",
        volume("media_films"),
        files={"/config/a": ""},
        running=False,
        ended=f"{ended}T00:00:00.123Z",
    )
    mark = tmp_path / "config/radarr" / ADOPTED
    mark.parent.mkdir(parents=True)
    mark.write_text(json.dumps({"from": "", "at": "2026-02-01T00:00:00+00:00"}))
    found = planned(tmp_path, engine)

    assert said(found, "state", "radarr").done
    assert any("ran after the copy" in one.what for one in found.steps) is stale


def test_the_data_root_is_marked_while_its_disk_is_there(tmp_path: Path, engine: Engine) -> None:
    """The running stack mounts it; without such a witness nobody marks a guess."""
    assert planned(tmp_path, engine).mark == str(tmp_path / "media")
    assert planned(tmp_path, Engine()).mark == ""
    (tmp_path / "media/.tame-data-root").touch()
    assert planned(tmp_path, engine).mark == ""


def test_moved_directories_are_copied(tmp_path: Path) -> None:
    """A state outside the config root, with the command that does the same."""
    engine = running(tmp_path)
    engine.add("radarr", bind("/opt/radarr"), files={"/config/a": ""})
    step = said(planned(tmp_path, engine), "state", "radarr")

    assert step.what.startswith("copy `/opt/radarr` to")
    assert step.command == (
        f"mkdir -p {tmp_path}/config/radarr && cp -a /opt/radarr/. {tmp_path}/config/radarr/"
    )
