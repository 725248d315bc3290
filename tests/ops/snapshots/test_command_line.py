"""`tame backup` and `tame restore` on a screen."""

import json
from pathlib import Path

import pytest
import typer
import yaml

from tame_components.cli import backup, restore
from tame_components.ops.project import Project
from tame_components.ops.promote.errors import PromotionBusy
from tame_components.ops.promote.places import Places
from tame_components.ops.snapshots.errors import PasswordMissing, RestoreUnconfirmed
from tame_components.ops.snapshots.password import ask_pulumi, repository_password
from tests.ops.snapshots.conftest import MakeStage
from tests.ops.snapshots.stage import Stage, add_rows, count


@pytest.fixture
def stage(make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Radarr and Sonarr run, in a project with one stack."""
    one = make_stage("radarr", "sonarr")
    (one.root / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
    (one.root / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": {}}))
    for verb in (backup, restore):
        monkeypatch.setattr(verb, "open_snapshots", lambda *_: one.snapshots)
    return one


def _back_up(root: Path, *words: str, as_json: bool = False, **asked: bool) -> int:
    plan, listing = asked.get("plan", False), asked.get("listing", False)
    return backup.run(
        root, words, plan=plan, listing=listing, recover=False, check=None, as_json=as_json
    )


def _restore(root: Path, *words: str, plan: bool = False, yes: bool = False) -> int:
    return restore.run(
        root,
        words,
        snapshot=None,
        plan=plan,
        force=False,
        yes=yes,
        stay_stopped=False,
        as_json=False,
    )


@pytest.mark.parametrize(
    ("words", "stack", "services"),
    [
        ((), None, ()),
        (("radarr",), None, ("radarr",)),
        (("prod",), "prod", ()),
        (("prod", "radarr", "sonarr"), "prod", ("radarr", "sonarr")),
        (("radarr", "prod"), "prod", ("radarr",)),
    ],
)
def test_the_stack_is_a_word_that_names_one(
    tmp_path: Path, words: tuple[str, ...], stack: str | None, services: tuple[str, ...]
) -> None:
    """First, as the verbs of a deployment have it, or last, as `tame open` has it."""
    (tmp_path / "Pulumi.prod.yaml").write_text("")

    assert backup.split(Project(tmp_path), words) == (stack, services)


def test_a_plan_changes_nothing(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each step, with its cause; nothing is stopped, nothing is stored."""
    assert _back_up(stage.root, "test", plan=True) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("stop      radarr: its files must hold still")
    assert stage.engine.calls == []
    assert stage.snapshots.entries() == ()


def test_a_backup_ends_with_a_table(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each service; progress goes to standard error."""
    assert _back_up(stage.root) == 0
    said = capsys.readouterr().out.splitlines()
    assert _back_up(stage.root, listing=True) == 0
    listed = capsys.readouterr().out.splitlines()

    assert said[0].split() == ["SERVICE", "SNAPSHOT", "SIZE", "NEW", "DOWN", "ROWS"]
    assert [line.split()[0] for line in said[1:3]] == ["radarr", "sonarr"]
    assert said[-1].startswith("2 snapshots in ")
    assert listed[-1] == "2 snapshots"
    assert any("radarr: copied" in line for line in stage.said)


def test_machines_get_keys(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """The record is whole, and the format has a version."""
    assert _back_up(stage.root, "radarr", as_json=True) == 0
    told = json.loads(capsys.readouterr().out)

    assert told["version"] == 1
    assert told["made"][0]["snapshot"]["record"]["databases"][1]["rows"]["Movies"] == 300


def test_a_restore_says_what_it_costs_and_waits_for_a_yes(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody can answer, nothing happens without `--yes`."""
    stage.snapshots.snapshot("radarr")
    add_rows(stage.database("radarr"), "Movies", 4)
    stage.engine.calls.clear()
    assert _restore(stage.root, "radarr", plan=True) == 0
    plan = capsys.readouterr().out
    with pytest.raises(RestoreUnconfirmed):
        _restore(stage.root, "radarr")

    assert "radarr.db Movies: 304 rows now, 300 then (-4)" in plan
    assert "every change of `radarr` since" in plan
    assert stage.engine.calls == []
    assert _restore(stage.root, "radarr", yes=True) == 0
    assert count(stage.database("radarr"), "Movies") == 300


def test_nothing_is_stopped_while_a_promotion_looks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that a backup stops in a gate's soak looks like one that crashed."""
    monkeypatch.setattr(backup, "_PATIENCE", 0.0)
    stage.snapshots.snapshot("radarr")
    stage.engine.calls.clear()
    with Places.of(stage.snapshots.topology).locked("tame promote", 0):
        for verb in (_back_up, _restore):
            with pytest.raises(PromotionBusy, match="by `tame promote`, process"):
                verb(stage.root, "radarr")
        assert _back_up(stage.root, "radarr", plan=True) == 0
        assert _restore(stage.root, "radarr", plan=True) == 0

    assert stage.engine.calls == []


def test_a_restore_is_of_one_service(stage: Stage) -> None:
    """Two at once would be two decisions in one word."""
    with pytest.raises(typer.BadParameter):
        _restore(stage.root, "radarr", "sonarr")


def test_the_password_comes_from_the_root_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stack has its own, and Pulumi's refusal is told without the secret."""
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho root-secret\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert ask_pulumi(tmp_path, "prod") == repository_password("root-secret", "prod")
    assert ask_pulumi(tmp_path, "prod") != repository_password("root-secret", "dev")
    pulumi.write_text("#!/bin/sh\necho 'error: no stack named prod found' >&2; exit 255\n")
    with pytest.raises(PasswordMissing, match="no stack named"):
        ask_pulumi(tmp_path, "prod")
