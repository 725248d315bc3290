"""What Prometheus is told of backups: true, whole at any time, and only of what there is."""

import time
from pathlib import Path

import pytest

from tame_components.generated.overdue import BACKUP, DRILL
from tame_components.ops.snapshots.errors import RestoreUndone, SnapshotsFailed
from tame_components.ops.snapshots.figures import CHECKED, Values, read, written
from tests.ops.snapshots.conftest import MakeStage
from tests.ops.snapshots.stage import Stage


def path_of(stage: Stage) -> Path:
    """Where the node exporter looks."""
    return stage.root / "config/.metrics/tame.prom"


def told(stage: Stage) -> Values:
    """What stands there."""
    return read(path_of(stage))


def test_a_backup_is_told_of(make_stage: MakeStage) -> None:
    """When, how much, how long, what was verified; and that the repository holds together."""
    stage = make_stage("radarr", "sonarr")
    begun = time.time()
    (made, _) = stage.snapshots.back_up(stage.snapshots.plan_backup()).made
    found = told(stage)

    assert found[BACKUP, "radarr"] == pytest.approx(made.snapshot.record.taken.timestamp())
    assert (
        begun
        <= found[BACKUP, "sonarr"]
        <= found["tame_repository_last_check_timestamp_seconds", ""]
    )
    assert found["tame_backup_size_bytes", "radarr"] == made.snapshot.record.size > 0
    assert found["tame_backup_verified_databases", "radarr"] == 2
    assert found["tame_backup_verified_rows", "radarr"] == 300
    assert found["tame_backup_pause_seconds", "radarr"] > 0
    assert 0 < found["tame_backup_duration_seconds", "radarr"] < 60


def test_the_file_is_in_the_exporters_form(make_stage: MakeStage) -> None:
    """Each metric once, with its meaning and its type, and readable for everybody."""
    stage = make_stage()
    stage.snapshots.back_up(stage.snapshots.plan_backup())
    lines = path_of(stage).read_text().splitlines()
    types = [line.split()[2] for line in lines if line.startswith("# TYPE ")]

    assert len(types) == len(set(types)) >= 8
    assert all(line.endswith(" gauge") for line in lines if line.startswith("# TYPE "))
    assert path_of(stage).stat().st_mode & 0o777 == 0o644
    assert path_of(stage).parent.stat().st_mode & 0o777 == 0o755
    assert [one.name for one in path_of(stage).parent.iterdir()] == ["tame.prom"]


def test_one_service_leaves_the_others_figures(make_stage: MakeStage) -> None:
    """Each keeps its own time; what failed keeps its old one."""
    stage = make_stage("radarr", "sonarr")
    stage.snapshots.back_up(stage.snapshots.plan_backup())
    before = told(stage)
    with stage.database("radarr").open("r+b") as file:
        file.write(b"\xff" * 4096)
    with pytest.raises(SnapshotsFailed):
        stage.snapshots.back_up(stage.snapshots.plan_backup())
    after = told(stage)

    assert after[BACKUP, "radarr"] == before[BACKUP, "radarr"]
    assert after[BACKUP, "sonarr"] > before[BACKUP, "sonarr"]
    assert after[CHECKED, ""] == before[CHECKED, ""]


def test_a_service_that_is_gone_is_not_told_of(make_stage: MakeStage) -> None:
    """Its last figure would grow old, and ring for ever."""
    stage = make_stage()
    path_of(stage).parent.mkdir()
    path_of(stage).write_text(written({(BACKUP, "lidarr"): 1.0, (BACKUP, "sonarr"): 2.0}))
    stage.snapshots.snapshot("radarr")

    assert {service for metric, service in told(stage) if metric == BACKUP} == {"radarr", "sonarr"}


def test_a_restore_counts_as_a_drill_if_the_service_is_well(make_stage: MakeStage) -> None:
    """One that was undone, or that was not started, proves nothing."""
    stage = make_stage("radarr")
    saved = stage.snapshots.snapshot("radarr")
    stage.snapshots.restore("radarr", saved, start=False)
    assert (DRILL, "radarr") not in told(stage)

    stage.engine.unwell = lambda: True
    with pytest.raises(RestoreUndone):
        stage.snapshots.restore("radarr", saved)
    assert (DRILL, "radarr") not in told(stage)

    stage.engine.unwell = lambda: False
    stage.snapshots.restore("radarr", saved)
    assert told(stage)[DRILL, "radarr"] == pytest.approx(time.time(), abs=60)
    assert told(stage)["tame_drill_duration_seconds", "radarr"] > 0


@pytest.mark.parametrize("text", ["", "not a metric\n", f'{BACKUP}{{service="radarr"}} x\n'])
def test_a_file_of_another_form_is_replaced(make_stage: MakeStage, text: str) -> None:
    """Whatever stands there, what is true now takes its place."""
    stage = make_stage()
    path_of(stage).parent.mkdir()
    path_of(stage).write_text(text)
    stage.snapshots.snapshot("radarr")

    assert set(told(stage)) >= {(BACKUP, "radarr")}
    assert "not a metric" not in path_of(stage).read_text()


def test_figures_that_cannot_be_written_stop_no_backup(make_stage: MakeStage) -> None:
    """A snapshot is worth more than its figure."""
    stage = make_stage()
    path_of(stage).parent.write_text("in the way")
    stage.snapshots.snapshot("radarr")

    assert [one.service for one in stage.snapshots.entries()] == ["radarr"]
    assert any(line.startswith("Prometheus is not told") for line in stage.said)
