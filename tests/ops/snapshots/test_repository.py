"""The real restic: what is stored comes back, and damage is seen."""

import datetime as dt
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tame_components.domain.backup import Retention
from tame_components.ops.snapshots.catalogue import FILE, STATE, Entry, Record, differences, tags_of
from tame_components.ops.snapshots.errors import RepositoryRefused, ResticMissing
from tame_components.ops.snapshots.repository import Repository
from tame_components.ops.snapshots.sqlite import Contents
from tests.harness.waiting import eventually
from tests.ops.snapshots.stage import PASSWORD


def _record(service: str = "radarr") -> Record:
    return Record(
        stack="test",
        service=service,
        app=service,
        taken=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
        image="tame.invalid/radarr:6.2.1",
        image_id="sha256:1",
        config="c",
        owner=f"{os.getuid()}:{os.getgid()}",
        mode=0o750,
        files=1,
        size=4,
    )


def _staging(root: Path, service: str = "radarr") -> Path:
    folder = root / "staging" / service
    (folder / STATE).mkdir(parents=True)
    (folder / STATE / "config.xml").write_text("text")
    (folder / FILE).write_text(_record(service).model_dump_json())
    return folder


def test_what_was_saved_is_listed_and_comes_back(repository: Repository, tmp_path: Path) -> None:
    """The tags find it, the record says what it is, and the files are the same."""
    told: list[float] = []
    saved = repository.save(_staging(tmp_path), tags_of(_record()), told.append)
    (entry,) = repository.entries()
    repository.restore(saved.id, tmp_path / "back")

    assert (entry.id, entry.service, entry.stack) == (saved.id, "radarr", "test")
    assert entry.image == "tame.invalid/radarr:6.2.1"
    assert Record.model_validate_json(repository.record(saved.id)) == _record()
    assert (tmp_path / "back" / STATE / "config.xml").read_text() == "text"


def test_snapshots_of_others_are_left_alone(repository: Repository, tmp_path: Path) -> None:
    """A person may use the repository too: what has no tags of TAME is not in the catalogue."""
    repository.save(_staging(tmp_path), ["mine"], lambda _: None)

    assert repository.entries() == ()


def test_an_id_that_is_none_is_refused(repository: Repository) -> None:
    """Whoever asks for a record by id can list the others instead."""
    with pytest.raises(RepositoryRefused, match="no matching ID"):
        repository.record("00000000")


def test_looking_makes_nothing(repository: Repository, tmp_path: Path) -> None:
    """A list of a repository that is not there is empty, and it is still not there."""
    missing = Repository(str(tmp_path / "none"), PASSWORD, host="test")

    assert missing.entries() == ()
    assert not (tmp_path / "none").exists()
    assert repository.entries() == ()


def test_thinning_out_keeps_the_newest_of_each_service(
    repository: Repository, tmp_path: Path
) -> None:
    """However old it is: a service that was stopped for a year still has its snapshot."""
    for service in ("radarr", "sonarr"):
        repository.save(_staging(tmp_path, service), tags_of(_record(service)), lambda _: None)
    repository.thin_out(Retention(daily=1, weekly=0, monthly=0))

    assert sorted(one.service for one in repository.entries()) == ["radarr", "sonarr"]
    repository.check()


def test_what_a_rollback_needs_outlives_the_backups_of_its_day(
    repository: Repository, tmp_path: Path
) -> None:
    """The last snapshot of a day is kept for the day; the one before an update is another one."""
    staging = _staging(tmp_path)
    made = [  # days ago, hour, why
        (99, 10, "before a release of long ago"),
        (9, 9, ""),
        (9, 10, "before another release"),
        (9, 23, ""),
        (4, 10, ""),
    ]
    for days, hour, why in made:
        day = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        tags = tags_of(_record().model_copy(update={"why": why}))
        _save_at(repository, staging, tags, day.replace(hour=hour))
    repository.thin_out(Retention(daily=7, weekly=0, monthly=0))

    kept = [(entry.time.date(), entry.time.hour) for entry in repository.entries()]
    today = dt.datetime.now(dt.UTC).date()
    assert kept == [
        (today - dt.timedelta(days=days), hour) for days, hour in ((9, 10), (9, 23), (4, 10))
    ]


def _save_at(
    repository: Repository, staging: Path, tags: tuple[str, ...], moment: dt.datetime
) -> None:
    """What `save` does, at another time."""
    subprocess.run(
        [
            *("restic", "-r", repository.place, "--no-cache", "backup", "--host", "test"),
            *("--time", f"{moment:%Y-%m-%d %H:%M:%S}", *(f"--tag={tag}" for tag in tags)),
            *(STATE, FILE),
        ],
        cwd=staging,
        env={**os.environ, "RESTIC_PASSWORD": PASSWORD, "TZ": "UTC"},
        check=True,
        capture_output=True,
    )


def test_a_wrong_password_is_named(repository: Repository) -> None:
    """Before anything is stopped, because it comes first."""
    with pytest.raises(RepositoryRefused, match="wrong password"):
        Repository(repository.place, "another", host="test").ensure()


def test_a_directory_with_other_files_is_not_taken(repository: Repository, tmp_path: Path) -> None:
    """A repository is never made inside somebody's directory."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/1.jpg").write_text("picture")
    with pytest.raises(RepositoryRefused, match="holds something else"):
        Repository(str(tmp_path / "photos"), PASSWORD, host="test").ensure()

    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["1.jpg"]
    assert repository.entries() == ()


def test_a_lock_of_a_dead_process_goes_by_itself(repository: Repository, tmp_path: Path) -> None:
    """A killed prune leaves an exclusive lock; the next run takes it away."""
    repository.save(_staging(tmp_path), tags_of(_record()), lambda _: None)
    environment = {**os.environ, "RESTIC_PASSWORD": PASSWORD}
    command = ["restic", "-r", repository.place, "--no-cache", "check", "--read-data"]
    locks = Path(repository.place, "locks")

    def killed_with_its_lock() -> list[str]:
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as other:
            eventually(lambda: _whole(locks) or other.poll() is not None, within=120, every=0.005)
            other.kill()
        return _whole(locks)

    eventually(killed_with_its_lock, within=120)  # again, where it was killed too late
    repository.thin_out(Retention())

    assert _whole(locks) == []


def _whole(locks: Path) -> list[str]:
    """Locks; what a killed restic was about to write has a longer name, and no restic reads it."""
    return [file.name for file in locks.iterdir() if "-tmp-" not in file.name]


def test_a_damaged_byte_in_any_file_makes_the_check_red(
    repository: Repository, tmp_path: Path
) -> None:
    """Data, index, snapshot, key, config: each kind of file of a repository is judged."""
    repository.save(_staging(tmp_path), tags_of(_record()), lambda _: None)
    repository.check("100%")
    place, kinds = Path(repository.place), ("data", "index", "snapshots", "keys", "config")
    unseen = []
    for kind in kinds:
        files = [one for one in sorted((place / kind).rglob("*")) if one.is_file()]
        file = (files or [place / kind])[0]
        good = file.read_bytes()
        file.chmod(0o600)
        middle = len(good) // 2
        file.write_bytes(good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :])
        try:
            repository.check("100%")
        except RepositoryRefused:
            pass
        else:
            unseen.append(kind)
        file.write_bytes(good)

    assert unseen == []
    repository.check("100%")


def test_the_password_is_in_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments are readable by everybody on the machine."""
    spy = tmp_path / "bin/restic"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/arguments\necho "[]"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    repository = Repository(str(tmp_path / "r"), PASSWORD, host="test")
    repository.ensure()
    repository.entries()

    assert "snapshots" in (tmp_path / "arguments").read_text()
    assert PASSWORD not in (tmp_path / "arguments").read_text()


def test_without_restic_the_hint_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResticMissing, match="apt-get install restic"):
        Repository(str(tmp_path / "r"), PASSWORD, host="test").ensure()


def test_half_a_repository_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys without a config would lock everybody out; so the directory appears whole or not."""
    spy = tmp_path / "bin/restic"
    spy.parent.mkdir()
    spy.write_text(
        '#!/bin/sh\ncase "$*" in *init*) mkdir -p "$2/keys"; exit 1;; esac\n'
        'echo "Is there a repository at the following location?" >&2; exit 1\n'
    )
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    with pytest.raises(RepositoryRefused, match="init"):
        Repository(str(tmp_path / "place/r"), PASSWORD, host="test").ensure()

    assert list((tmp_path / "place").iterdir()) == []
    assert shutil.which("restic") == str(spy)


def test_restics_times_are_understood() -> None:
    """Nanoseconds, and the zone of the host."""
    text = '{"id": "0123456789ab", "time": "2026-11-21T14:47:33.123456789+02:00", "tags": %s}'
    entry = Entry.read(json.loads(text % json.dumps(tags_of(_record()))))

    assert entry is not None
    assert entry.time == dt.datetime(2026, 11, 21, 12, 47, 33, 123456, tzinfo=dt.UTC)


def test_a_difference_of_one_row_is_told() -> None:
    """Tables that vanished, rows that differ, and files that are missing."""
    record = _record().model_copy(
        update={
            "databases": (
                Contents(path="radarr.db", rows={"Movies": 3000, "Config": 2}),
                Contents(path="logs.db", rows={"Logs": 1}),
            )
        }
    )
    found = [Contents(path="radarr.db", rows={"Movies": 2999})]

    assert differences(record, found, 0) == (
        "files: 1 were saved, 0 came back",
        "radarr.db: `Config` had 2 rows, has no such table",
        "radarr.db: `Movies` had 3000 rows, has 2999 rows",
        "logs.db: missing",
    )
