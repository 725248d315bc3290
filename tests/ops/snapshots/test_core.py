"""Backup and restore, with real files and databases, and restic where it matters."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tame_components.ops.snapshots.core import Snapshots
from tame_components.ops.snapshots.errors import (
    DatabaseUnsound,
    RestoreUndone,
    ServiceNotBack,
    SnapshotIncomplete,
    SnapshotsElsewhere,
    SnapshotsFailed,
    SnapshotUnknown,
    SpaceMissing,
    VersionDiffers,
)
from tests.harness.stacks import only
from tests.ops.snapshots.conftest import MakeStage
from tests.ops.snapshots.stage import PASSWORD, Stage, add_rows, contents, count


def test_a_state_comes_back(make_real_stage: MakeStage) -> None:
    """Rows, files, owner and mode are those of the snapshot; what was there is in quarantine."""
    stage = make_real_stage("radarr", "sonarr")
    saved = stage.snapshots.snapshot("radarr", why="before a test")
    add_rows(stage.database("radarr"), "Movies", 7)
    (stage.state("radarr") / "config.xml").write_text("spoilt")
    (stage.state("radarr") / "new.txt").write_text("since then")
    plan = stage.snapshots.plan_restore("radarr", stage.snapshots.find("radarr"))
    restored = stage.snapshots.carry_out(plan)

    assert saved.record.why == "before a test"
    assert saved.record.rows["radarr.db"]["Movies"] == 300
    assert (plan.losses[0].table, plan.losses[0].now, plan.losses[0].then) == ("Movies", 307, 300)
    assert count(stage.database("radarr"), "Movies") == 300
    assert "<Port>1" in (stage.state("radarr") / "config.xml").read_text()
    assert (stage.state("radarr") / "config.xml").stat().st_mode & 0o777 == 0o640
    assert not (stage.state("radarr") / "new.txt").exists()
    assert count(Path(restored.quarantine) / "radarr.db", "Movies") == 307
    assert stage.engine.running == {"test-radarr", "test-sonarr"}
    assert stage.engine.calls == [
        ("stop", "test-radarr"),
        ("start", "test-radarr"),
        ("stop", "test-radarr"),
        ("start", "test-radarr"),
    ]
    assert not stage.snapshots.place.journal.exists()
    assert not stage.snapshots.place.staging.exists()


def test_an_old_log_never_meets_a_restored_database(make_stage: MakeStage) -> None:
    """A `-wal` that lies about would be replayed into it: more rows, and the check says ok."""
    stage = make_stage()
    saved = stage.snapshots.snapshot("radarr")
    live = stage.database("radarr")
    with closing(sqlite3.connect(live, isolation_level=None)) as one:
        one.execute("PRAGMA wal_autocheckpoint=0")
        one.executemany("INSERT INTO Movies (Title) VALUES (?)", [("late",)] * 50)
        for suffix in ("-wal", "-shm"):
            shutil.copy(f"{live}{suffix}", f"{live}{suffix}.kept")
    for suffix in ("-wal", "-shm"):
        Path(f"{live}{suffix}.kept").rename(f"{live}{suffix}")
    stage.snapshots.restore("radarr", saved)

    assert not Path(f"{live}-wal").exists()
    assert count(live, "Movies") == 300


def test_all_services_and_the_upkeep(make_real_stage: MakeStage) -> None:
    """By default all that keep something, one after the other; what stood still stays so."""
    stage = make_real_stage("sonarr")
    report = stage.snapshots.back_up(stage.snapshots.plan_backup())
    listed = stage.snapshots.entries()

    assert [one.snapshot.record.service for one in report.made] == ["radarr", "sonarr"]
    assert [one.id for one in listed] == [one.snapshot.id for one in report.made]
    assert stage.engine.running == {"test-sonarr"}
    assert stage.engine.calls == [("stop", "test-sonarr"), ("start", "test-sonarr")]


def test_a_damaged_database_is_no_snapshot(make_stage: MakeStage) -> None:
    """The service runs again, the others are snapshotted, and nothing bad is in the catalogue."""
    stage = make_stage("radarr", "sonarr")
    with stage.database("radarr").open("r+b") as file:
        file.write(b"\xff" * 4096)
    with pytest.raises(SnapshotsFailed, match=r"radarr\.db"):
        stage.snapshots.back_up(stage.snapshots.plan_backup())

    assert [one.service for one in stage.snapshots.entries()] == ["sonarr"]
    assert stage.engine.running == {"test-radarr", "test-sonarr"}


def test_a_database_of_no_bytes_is_no_snapshot(make_stage: MakeStage) -> None:
    """SQLite calls it sound; a snapshot of it would replace a good one some day."""
    stage = make_stage("radarr")
    stage.database("radarr").write_bytes(b"")
    with pytest.raises(DatabaseUnsound, match="it has no tables"):
        stage.snapshots.snapshot("radarr")

    assert stage.engine.running == {"test-radarr"}


def test_another_version_is_refused_by_name(make_stage: MakeStage) -> None:
    """An older program on a newer database breaks it; `force` is for who knows better."""
    stage = make_stage("radarr")
    saved = stage.snapshots.snapshot("radarr")
    stage.engine.images_of["radarr"] = "lscr.io/linuxserver/radarr:5.0.0-ls1"
    with pytest.raises(VersionDiffers, match=r"5\.0\.0-ls1") as refused:
        stage.snapshots.restore("radarr", saved)

    assert saved.record.image in refused.value.what
    assert stage.snapshots.plan_restore("radarr", saved, force=True).version_now == "5.0.0"


def test_an_unhealthy_restore_is_undone(make_stage: MakeStage) -> None:
    """The state from before is back, byte for byte, and the service runs on it."""
    stage = make_stage("radarr", wait_timeout=5)
    saved = stage.snapshots.snapshot("radarr")
    add_rows(stage.database("radarr"), "Movies", 5)
    before = contents(stage.state("radarr"))
    starts = len(stage.engine.calls)
    stage.engine.unwell = lambda: len(stage.engine.calls) == starts + 2
    plan = stage.snapshots.plan_restore("radarr", saved).model_copy(update={"wait": 0})
    with pytest.raises(RestoreUndone, match="unhealthy"):
        stage.snapshots.carry_out(plan)

    assert contents(stage.state("radarr")) == before
    assert stage.engine.running == {"test-radarr"}
    assert not stage.snapshots.place.journal.exists()


def test_a_spoilt_snapshot_stops_nothing(make_stage: MakeStage) -> None:
    """What came out of the repository is compared with the record before the service stops."""
    stage = make_stage("radarr")
    saved = stage.snapshots.snapshot("radarr")
    record = saved.record.model_copy(update={"files": saved.record.files + 1})
    stage.engine.calls.clear()
    with pytest.raises(SnapshotIncomplete, match="came back"):
        stage.snapshots.restore("radarr", saved.model_copy(update={"record": record}))

    assert stage.engine.calls == []


def test_a_service_that_does_not_come_back_is_remembered(
    make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names it, the debt stays on the disk, and recovery pays it."""
    from tame_components.ops.snapshots import containers

    monkeypatch.setattr(containers, "_TRIES", 1)
    stage = make_stage("radarr")
    good = stage.engine.start

    def bad(_container: str) -> None:
        raise OSError("port is already allocated")

    monkeypatch.setattr(stage.engine, "start", bad)
    with pytest.raises(ServiceNotBack, match="already allocated"):
        stage.snapshots.snapshot("radarr")
    monkeypatch.setattr(stage.engine, "start", good)
    recovered = stage.snapshots.recover()

    assert recovered is not None
    assert recovered.started == ("test-radarr",)
    assert stage.engine.running == {"test-radarr"}
    assert stage.snapshots.recover() is None


def test_promotion_can_leave_a_service_standing(make_stage: MakeStage) -> None:
    """After a rollback of the database Pulumi makes the container anew, and starts it."""
    stage = make_stage("radarr")
    saved = stage.snapshots.snapshot("radarr")
    restored = stage.snapshots.restore("radarr", saved, start=False)

    assert not restored.started
    assert stage.engine.running == set()
    assert not stage.snapshots.place.journal.exists()


def test_a_new_host_gets_the_files_with_the_right_owner(make_real_stage: MakeStage) -> None:
    """Where the service has another user now, what belonged to the old one goes to the new one."""
    stage = make_real_stage()
    for path in (stage.state("radarr"), *stage.state("radarr").rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    saved = stage.snapshots.snapshot("radarr")
    shutil.rmtree(stage.state("radarr"))
    stage.snapshots.restore("radarr", saved)
    uid = stage.topology.service("radarr").uid

    owners = {path.stat().st_uid for path in stage.state("radarr").rglob("*")}
    assert owners == {uid}
    assert stage.state("radarr").stat().st_uid == uid
    assert count(stage.database("radarr"), "Movies") == 300


def test_a_full_disk_stops_nothing(make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is measured before a service is stopped for a copy that would not fit."""
    stage = make_stage("radarr")
    monkeypatch.setattr("tame_components.ops.snapshots.session.free_bytes", lambda _: 10)
    with pytest.raises(SpaceMissing):
        stage.snapshots.snapshot("radarr")

    assert stage.engine.calls == []


def test_an_unknown_snapshot_is_refused(make_stage: MakeStage) -> None:
    """The error says which there are."""
    stage = make_stage()
    saved = stage.snapshots.snapshot("radarr")
    with pytest.raises(SnapshotUnknown, match=saved.id):
        stage.snapshots.find("radarr", "ffffffff")
    with pytest.raises(SnapshotUnknown, match="no snapshot of `sonarr`"):
        stage.snapshots.find("sonarr")


def test_another_machines_files_are_not_here() -> None:
    """A remote engine has the files; nothing is copied from the wrong machine."""
    topology = only("radarr", engine="ssh://tame@media.lan")
    with pytest.raises(SnapshotsElsewhere, match=r"media\.lan"):
        Snapshots(topology, lambda: Stage.__new__(Stage).engine, lambda: PASSWORD)


def test_a_damaged_file_that_nobody_names_is_saved_as_it_is(make_stage: MakeStage) -> None:
    """A broken cache of the application's stands in no way of its snapshot; it is told."""
    stage = make_stage("radarr")
    (stage.state("radarr") / "cache.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    saved = stage.snapshots.snapshot("radarr")
    folder = stage.root.parent / "shelf" / saved.id / "state"

    assert [one.path for one in saved.record.databases] == ["logs.db", "radarr.db"]
    assert (folder / "cache.db").stat().st_size == 5016
    assert any("`cache.db` is damaged" in line for line in stage.said)


def test_nothing_to_keep_makes_nothing(make_stage: MakeStage) -> None:
    """Before the first deployment there is neither a state nor a reason for a repository."""
    stage = make_stage()
    shutil.rmtree(stage.root / "config")
    report = stage.snapshots.back_up(stage.snapshots.plan_backup())

    assert report.made == ()
    assert not (stage.root / "config").exists()
