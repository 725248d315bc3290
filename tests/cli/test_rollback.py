"""What `tame rollback` shows before it does anything."""

import datetime as dt
from pathlib import Path

from tame_components.cli import rollback
from tame_components.domain.release import Release
from tame_components.ops.blast_radius import BlastRadius, Effect, Touched
from tame_components.ops.promote.history import Verb
from tame_components.ops.promote.planning import Plan
from tame_components.ops.promote.releases import Listed
from tame_components.ops.promote.rolling import Returning, RollbackPlan
from tame_components.ops.snapshots.catalogue import Record, Snapshot
from tame_components.ops.snapshots.plan import Loss, RestorePlan
from tests.cli.conftest import Tame


def plan(**changed: object) -> RollbackPlan:
    """Radarr goes back by one release, with its database of two hours ago."""
    taken = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=5)
    record = Record(
        stack="prod",
        service="radarr",
        app="radarr",
        taken=taken,
        image="x/radarr:1",
        image_id="i",
        config="0" * 64,
        owner="1:1",
        mode=0o700,
        files=1,
        size=1,
    )
    restore = RestorePlan(
        stack="prod",
        service="radarr",
        snapshot=Snapshot(id="4f2a11c0", record=record),
        state="/srv/radarr",
        excludes=(),
        quarantine="/srv/.snapshots/quarantine/radarr-now",
        container="prod-radarr",
        runs=True,
        start=False,
        grace=10,
        wait=60,
        owner="1:1",
        version_then="1",
        version_now="2",
        losses=(Loss(database="radarr.db", table="Movies", now=1012, then=1000),),
    )
    returning = Returning(
        service="radarr", snapshot="4f2a11c0", taken=taken.isoformat(), restore=restore
    )
    touched = Touched(
        service="radarr",
        effect=Effect.RECREATED,
        why=("another image",),
        downtime=(2, 40),
        snapshot=True,
    )
    wanted = RollbackPlan(
        changes=Plan(
            stack="prod",
            release="c9f0f895fb98",
            previous="8f14e45fceea",
            radius=BlastRadius(services=(touched,), others=()),
            advice=(),
            seconds=None,
        ),
        promoted="2026-11-20T10:00:00+00:00",
        images={"radarr": ("x/radarr:2", "x/radarr:1")},
        databases=(returning,),
        kept={},
        advice=(),
    )
    return wanted.model_copy(update=changed)


def test_the_plan_says_which_rows_are_lost() -> None:
    """Image, snapshot, its age, rows now and then, where the present ones go, and the way back."""
    text = "\n".join(rollback.lines(plan()))

    assert "radarr: image 2 -> 1" in text
    assert "until all is back: 2 s to 40 s" in text
    assert "radarr: database from snapshot 4f2a11c0" in text
    assert "(2 h 5 min ago) is lost" in text
    assert "radarr.db Movies: 1012 rows now, 1000 then (-12)" in text
    assert "kept in /srv/.snapshots/quarantine/radarr-now" in text
    assert "if it fails, release 8f14e45fceea comes back with its databases" in text


def test_the_plan_says_which_databases_stay() -> None:
    """Nobody has to guess whether rows are touched."""
    text = "\n".join(rollback.lines(plan(databases=(), kept={"radarr": "`--keep-databases`"})))

    assert "no database goes back" in text
    assert "radarr keeps its state: `--keep-databases`" in text


def test_a_listed_release_says_what_changed_and_what_is_there() -> None:
    """Date, revision, changes, and how many of its snapshots exist."""
    release = Release(images={}, config="0" * 64)
    one = Listed(
        release=release.id,
        since="2026-11-20T10:00:00+00:00",
        verb=Verb.PROMOTE,
        program=f"{'a' * 40}-dirty",
        changes=("radarr 1 -> 2",),
        snapshots={"radarr": "4f2a11c0"},
        gone=("sonarr",),
        evidence="",
    )

    assert rollback.row_of(one, now=False) == [
        " ",
        release.id,
        "2026-11-20 10:00:00",
        "promote",
        "aaaaaaaa+",
        "1 of 2",
        "radarr 1 -> 2",
    ]
    assert rollback.row_of(one, now=True)[5] == "-"


def test_two_releases_are_a_wrong_command_line(tame: Tame, tmp_path: Path) -> None:
    """Exit code 2, before anything is looked at."""
    (tmp_path / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")

    assert tame("-C", str(tmp_path), "rollback", "prod", "one", "two").code == 2
