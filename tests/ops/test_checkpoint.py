"""How the files of Pulumi's file backend break, and how they are mended."""

import gzip
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tame_components.ops import checkpoint
from tame_components.ops.checkpoint import Damage, Files, Lock, contents, files_of, workers
from tests.ops.wreck import LOCK


WHOLE = '{"version": 3, "checkpoint": {"latest": {"resources": []}}}'
HALF = WHOLE[:20]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Where the stack `test` is kept; nothing is there yet."""
    found = files_of(f"file://{tmp_path}", tmp_path, "tame", "test")
    assert found
    found.checkpoint.parent.mkdir(parents=True)
    found.locks_folder.mkdir(parents=True)
    return found


def _write(files: Files, now: str | None, before: str | None, index: str | None = "{}") -> None:
    texts = ((files.checkpoint, now), (files.backup, before), (files.index, index))
    for file, text in texts:
        if text is not None:
            file.write_text(text)


@pytest.mark.parametrize(
    ("now", "before", "index", "expected"),
    [
        (WHOLE, WHOLE, "{}", None),
        (WHOLE, HALF, None, None),
        (WHOLE, None, "", Damage.INDEX),
        (WHOLE, None, '{"user.', Damage.INDEX),
        (HALF, WHOLE, "{}", Damage.CHECKPOINT),
        ("", WHOLE, "", Damage.CHECKPOINT),
        (None, WHOLE, None, Damage.CHECKPOINT),
        (HALF, HALF, "{}", Damage.BOTH),
        (None, None, "", Damage.BOTH),
        (None, None, None, None),
    ],
)
def test_the_damage_is_read_from_the_files(
    files: Files, now: str | None, before: str | None, index: str | None, expected: Damage | None
) -> None:
    """What is whole is JSON; a stack of which there is nothing is not damaged."""
    _write(files, now, before, index)

    assert files.damage is expected


def test_the_one_before_is_put_back_and_the_broken_one_kept(files: Files) -> None:
    """Pulumi then reads the older state; nobody's evidence is thrown away."""
    _write(files, HALF, WHOLE, "")
    files.backup.chmod(0o600)

    files.put_back()

    assert files.damage is None
    assert contents(files.checkpoint) == json.loads(WHOLE)
    assert files.checkpoint.with_name("test.json.broken").read_text() == HALF
    assert files.checkpoint.stat().st_mode & 0o777 == 0o600  # as Pulumi has it: secrets are in it


def test_a_new_beginning_leaves_only_what_was_broken(files: Files) -> None:
    """Nothing is left that Pulumi would take for the stack."""
    _write(files, HALF, HALF, "")

    files.clear()

    assert [one.name for one in files.checkpoint.parent.iterdir()] == ["test.json.broken"]


def test_only_the_file_backend_can_be_looked_into(tmp_path: Path) -> None:
    """Every other one stores whole objects."""
    assert files_of("s3://bucket", tmp_path, "tame", "test") is None
    assert files_of("https://api.pulumi.com", tmp_path, "tame", "test") is None


@pytest.mark.parametrize("url", ["file://state", "file://./state", "file://state?no_tmp_dir=true"])
def test_a_relative_backend_starts_at_the_project(tmp_path: Path, url: str) -> None:
    """As Pulumi does, which runs there; options of the URL are no part of the path."""
    found = files_of(url, tmp_path, "tame", "test")

    assert found
    assert found.checkpoint == tmp_path / "state/.pulumi/stacks/tame/test.json"


def test_the_home_directory_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pulumi login --local` writes `file://~`."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = files_of("file://~", tmp_path, "tame", "test")

    assert found
    assert found.locks_folder == tmp_path / "home/.pulumi/locks/organization/tame/test"


def test_a_packed_checkpoint_is_read(tmp_path: Path, files: Files) -> None:
    """PULUMI_DIY_BACKEND_GZIP writes `.json.gz`."""
    files.checkpoint.with_name("test.json.gz").write_bytes(gzip.compress(WHOLE.encode()))
    found = files_of(f"file://{tmp_path}", tmp_path, "tame", "test")

    assert found
    assert found.checkpoint.name == "test.json.gz"
    assert found.believed == json.loads(WHOLE)
    found.checkpoint.write_bytes(gzip.compress(WHOLE.encode())[:-10])
    assert found.damage is Damage.BOTH


def test_locks_are_read_even_when_they_are_half_written(files: Files) -> None:
    """A lock that nobody can read still locks."""
    (files.locks_folder / "a.json").write_text(
        '{"pid": 7, "username": "ann", "hostname": "nas", "timestamp": "2026"}'
    )
    (files.locks_folder / "a.json.attrs").write_text("{}")
    (files.locks_folder / "b.json").write_text('{"pid": 7')

    first, second = files.locks

    assert (first.pid, first.user, first.host, first.here) == (7, "ann", "nas", False)
    assert (second.pid, second.here, second.alive) == (0, True, False)


def test_a_lock_lives_as_long_as_its_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that another program has by now is no Pulumi."""
    mine = Lock(pid=os.getpid(), user="ann", host=socket.gethostname(), since="")
    theirs = mine.model_copy(update={"host": "nas"})

    before = [one.alive for one in (LOCK, mine)]
    monkeypatch.setattr(checkpoint, "_program", lambda pid: "pulumi" if pid == mine.pid else "")
    after = [one.alive for one in (LOCK, mine, theirs)]

    assert before == [False, False]
    assert after == [False, True, False]


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        (["up"], True),
        (["up", "--stack", "test"], True),
        (["destroy", "-s", "organization/tame/test"], True),
        (["up", "--stack=other"], False),
        (["preview"], False),
        (["stack", "export"], False),
    ],
)
@pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="needs /proc")
def test_a_working_pulumi_is_seen(tmp_path: Path, words: list[str], *, counts: bool) -> None:
    """By its name, its directory and its command line, without any lock."""
    program = tmp_path / "pulumi"
    program.symlink_to(sys.executable)
    code = "print(flush=True); input()"
    with subprocess.Popen(
        [program, "-c", code, *words],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        seen = list(workers(tmp_path, "test"))
        elsewhere = list(workers(tmp_path.parent, "test"))
        process.communicate(b"\n")

    assert seen == ([process.pid] if counts else [])
    assert elsewhere == []
