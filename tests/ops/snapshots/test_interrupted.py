"""A restore that is killed at any step: afterwards the old state or the new, never a mixture."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tame_components.ops.snapshots import journal, restoring, session
from tame_components.ops.snapshots.containers import wait_until_well
from tame_components.ops.snapshots.errors import JournalUnreadable
from tame_components.ops.snapshots.plan import RestorePlan
from tame_components.ops.snapshots.sqlite import count_rows
from tests.ops.snapshots.conftest import MakeStage
from tests.ops.snapshots.stage import Shelf, Stage, add_rows, contents


class Died(BaseException):
    """The process was killed: nothing of it runs any more, no `finally` either."""


class Fuse:
    """Burns after a number of steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def before(self, action: Callable[..., Any]) -> Callable[..., Any]:
        """*action*, or death in its place."""

        def wrapped(*arguments: Any, **named: Any) -> Any:
            if self.left == 0:
                raise Died
            self.left -= 1
            return action(*arguments, **named)

        return wrapped


def _ready(monkeypatch: pytest.MonkeyPatch, folder: Path) -> tuple[Stage, RestorePlan]:
    """A restore that is planned, of a state that has changed since; no guardian helps."""
    monkeypatch.setattr(session, "guarded", lambda *_: contextlib.nullcontext())
    shelf = folder / "shelf"
    monkeypatch.setattr(session, "Repository", lambda *_, **__: Shelf(shelf))
    stage = Stage(folder, "radarr", "sonarr", backup={"excludes": ["logs", "*.pid"]})
    saved = stage.snapshots.snapshot("radarr")
    add_rows(stage.database("radarr"), "Movies", 9)
    (stage.state("radarr") / "since.txt").write_text("then")
    (stage.state("radarr") / "radarr.pid").write_text("1")
    stage.engine.calls.clear()
    return stage, stage.snapshots.plan_restore("radarr", saved)


def _kill_after(steps: int, stage: Stage, plan: RestorePlan) -> bool:
    """Restore, and die after so many steps; whether it got to its end before."""
    fuse = Fuse(steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", fuse.before(Path.rename))
        patch.setattr(journal, "write", fuse.before(journal.write))
        patch.setattr(stage.engine, "stop", fuse.before(stage.engine.stop))
        patch.setattr(stage.engine, "start", fuse.before(stage.engine.start))
        patch.setattr(restoring, "wait_until_well", fuse.before(wait_until_well))
        try:
            stage.snapshots.carry_out(plan)
        except Died:
            return False
    return True


def test_killed_at_any_step_it_is_the_old_state_or_the_new(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever comes next finds one of the two, and the service runs on it."""
    stage, plan = _ready(monkeypatch, tmp_path)
    old = contents(stage.state("radarr"))
    seen = []
    for steps in range(60):
        ended = _kill_after(steps, stage, plan)
        stage.snapshots.recover()
        now = contents(stage.state("radarr"))
        seen.append("old" if now == old else "new")
        assert stage.engine.running == {"test-radarr", "test-sonarr"}, steps
        assert not stage.snapshots.place.journal.exists()
        if now != old:
            rows = count_rows(stage.database("radarr"), "radarr.db")
            assert rows == plan.snapshot.record.databases[1], steps
            assert "since.txt" not in now
            assert now["radarr.pid"] == b"1"
            assert (Path(plan.quarantine) / "since.txt").read_text() == "then"
        if ended or now != old:
            break

    assert seen[-1] == "new"
    assert seen.count("old") >= 10


@pytest.mark.parametrize("first", [5, 8, 11])
def test_a_recovery_that_is_killed_is_finished_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first: int
) -> None:
    """Putting back is repeatable: no file of the old state is lost by doing it twice."""
    stage, plan = _ready(monkeypatch, tmp_path)
    old = contents(stage.state("radarr"))
    for steps in range(40):
        _kill_after(first, stage, plan)
        fuse = Fuse(steps)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "rename", fuse.before(Path.rename))
            patch.setattr(Path, "unlink", fuse.before(Path.unlink))
            patch.setattr(journal, "write", fuse.before(journal.write))
            with contextlib.suppress(Died):
                stage.snapshots.recover()
        stage.snapshots.recover()

        assert contents(stage.state("radarr")) == old, steps
        if fuse.left:
            break
    else:
        pytest.fail("the recovery never ended")


def test_the_next_backup_pays_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What an interrupted run owed is started before anything else is stopped."""
    stage, plan = _ready(monkeypatch, tmp_path)
    assert not _kill_after(3, stage, plan)
    stage.engine.calls.clear()
    report = stage.snapshots.back_up(stage.snapshots.plan_backup(["sonarr"]), upkeep=False)

    assert report.recovered is not None
    assert report.recovered.put_back
    starts = [one for one in stage.engine.calls if one[0] == "start"]
    assert starts == [("start", "test-radarr"), ("start", "test-sonarr")]
    assert stage.engine.calls.index(("stop", "test-sonarr")) > stage.engine.calls.index(starts[0])


def test_a_damaged_journal_is_said(make_stage: MakeStage) -> None:
    """Nothing is guessed: a person is told which file it is."""
    stage = make_stage("radarr")
    place = stage.snapshots.place
    place.prepare()
    place.journal.write_text('{"version": 1')
    with pytest.raises(JournalUnreadable, match=r"journal\.json"):
        stage.snapshots.snapshot("radarr")

    assert stage.engine.calls == []


def test_the_journal_is_on_the_disk_before_the_stop(make_stage: MakeStage) -> None:
    """Asked at the moment of the stop, it names the container that will have to start."""
    stage = make_stage("radarr")
    good = stage.engine.stop
    found: list[dict[str, Any]] = []

    def spy(container: str, timeout: int) -> None:
        found.append(json.loads(stage.snapshots.place.journal.read_text()))
        good(container, timeout)

    stage.engine.stop = spy  # type: ignore[method-assign]
    stage.snapshots.snapshot("radarr")

    assert [one["containers"] for one in found] == [["test-radarr"]]
    assert not found[0]["stopped"]


def test_ctrl_c_during_a_stop_waits_for_it_before_the_start(make_stage: MakeStage) -> None:
    """The engine stops the container whoever asked for it: a start before that would be lost."""
    stage = make_stage("radarr")
    good = stage.engine.stop

    def interrupted(container: str, timeout: int) -> None:
        assert (container, timeout > 0) == ("test-radarr", True)
        stage.engine.stop = good  # type: ignore[method-assign]
        raise KeyboardInterrupt

    stage.engine.stop = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        stage.snapshots.snapshot("radarr")

    assert stage.engine.calls == [("stop", "test-radarr"), ("start", "test-radarr")]
    assert not stage.snapshots.place.journal.exists()
