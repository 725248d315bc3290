"""Each check of the gate fails for what it is there for, and doubts where it cannot see."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.analysis import Verdict
from tame_components.ops.gate import databases, exposure, health, readiness, versions
from tame_components.ops.gate.model import Check, Scene
from tame_components.ops.gate.registry import CHECKS
from tame_components.ops.gate.run import examine
from tests.harness import stacks
from tests.ops.gate.scenes import FakeEngine, container, folder, scene


TWO = ("prowlarr", "radarr")
WELL = [container(name) for name in TWO]
GONE = OSError("the engine went away")


def test_names_of_checks_are_stable_and_their_own() -> None:
    """Evidence names them, so no two may share one."""
    names = [check.name for check in CHECKS]

    assert len(names) == len(set(names)) > 15
    assert sum(name.startswith("ready-") for name in names) == 11


def test_a_soak_without_incident_passes() -> None:
    """Every service was healthy in every sample."""
    assert health.CHECK.run(scene(stacks.only(*TWO), FakeEngine(WELL))).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    "status", ["Up 2 minutes (unhealthy)", "Up 1 second (health: starting)", "Up 3 minutes"]
)
def test_one_bad_sample_fails_the_soak(status: str) -> None:
    """A release that is only sometimes healthy is not."""
    sick = [container("prowlarr"), container("radarr", status)]
    found = health.CHECK.run(scene(stacks.only(*TWO), FakeEngine(WELL, WELL, sick, WELL)))

    assert found.verdict is Verdict.FAILED
    assert "`radarr`" in found.said


def test_a_restart_between_two_samples_is_noticed() -> None:
    """Healthy before and after is not enough: it must be the same life of the same container."""
    other = [container("prowlarr"), container("radarr", Id="another")]
    found = health.CHECK.run(scene(stacks.only(*TWO), FakeEngine(WELL, WELL, WELL, other)))

    assert (found.verdict, found.said) == (Verdict.FAILED, "`radarr` was replaced")


def test_an_engine_that_does_not_answer_is_no_success() -> None:
    """Too many samples that could not be taken leave the question open."""
    engine = FakeEngine(WELL, GONE, GONE, WELL)

    assert health.CHECK.run(scene(stacks.only(*TWO), engine)).verdict is Verdict.INCONCLUSIVE
    assert health.CHECK.run(scene(stacks.only(*TWO), FakeEngine(WELL, []))).verdict == "failed"


def test_a_published_port_beyond_the_topology_fails() -> None:
    """Whoever published it, and wherever."""
    port = {"IP": "0.0.0.0", "PrivatePort": 7878, "PublicPort": 7878, "Type": "tcp"}  # noqa: S104
    listed = [container("prowlarr"), container("radarr", Ports=[port])]
    found = exposure.CHECK.run(scene(stacks.only(*TWO), FakeEngine(listed)))

    assert found.verdict is Verdict.FAILED
    assert "`radarr` publishes `0.0.0.0:7878/tcp`" in found.said


def _database(root: Path, *tables: str) -> Path:
    place = root / "radarr" / "radarr.db"
    place.parent.mkdir(parents=True)
    with closing(sqlite3.connect(place)) as database:
        for table in tables:
            database.execute(f"CREATE TABLE {table} (x TEXT)")
            database.executemany(f"INSERT INTO {table} VALUES (?)", [("x" * 900,)] * 40)  # noqa: S608 - a constant
        database.commit()
    return place


TABLES = ("Movies", "MovieFiles", "History", "Config")


def _databases(root: Path) -> tuple[Verdict, str]:
    found = databases.CHECK.run(scene(stacks.only("radarr", **folder(root)), FakeEngine([])))
    return found.verdict, found.said


def test_a_sound_database_passes_and_its_rows_are_told(tmp_path: Path) -> None:
    """The evidence holds the counts that a restore is compared with."""
    _database(tmp_path, *TABLES)
    assert _databases(tmp_path)[0] is Verdict.PASSED


def test_a_damaged_database_fails_though_it_opens(tmp_path: Path) -> None:
    """A garbage page is found by the check, not by opening."""
    place = _database(tmp_path, *TABLES)
    content = bytearray(place.read_bytes())
    content[4096 * 6 : 4096 * 8] = b"\xaa" * 8192
    place.write_bytes(content)

    assert _databases(tmp_path)[0] is Verdict.FAILED


def test_an_empty_or_missing_database_fails(tmp_path: Path) -> None:
    """0 bytes pass SQLite's own check; a file that is not there has no rows to lose."""
    assert _databases(tmp_path)[0] is Verdict.FAILED
    place = _database(tmp_path, "Movies")
    assert "lacks Config, History, MovieFiles" in _databases(tmp_path)[1]
    place.write_bytes(b"")
    assert _databases(tmp_path)[0] is Verdict.FAILED


@pytest.mark.parametrize(
    ("said", "tag", "expected"),
    [
        ("6.2.1.10461", "6.2.1.10461-ls308", True),
        ("v5.2.3", "5.2.3_v2.0.13-ls469", True),
        ("1.6.0", "v1.6.0-ls360", True),
        ("10.11.11", "10.11.11ubu2604-ls43", True),
        ("10.11.1", "10.11.11ubu2604-ls43", False),
        ("6.2.1", "6.2.1.10461-ls308", False),
        ("2.1.10461", "6.2.1.10461-ls308", False),
        ("", "1.2.3", False),
        ("nothing (timeout)", "1.2.3", False),
    ],
)
def test_a_version_is_the_whole_one_of_the_tag(said: str, tag: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """The start or the end of another version is another version."""
    assert versions.is_of(said, tag) is expected


def test_a_json_pointer_leads_into_lists_and_escaped_names() -> None:
    """RFC 6901."""
    assert versions.resolve({"a/b": [{"v": "1.2.3"}]}, "/a~1b/0/v") == "1.2.3"
    for pointer in ("/x", "/a~1b/7", "/a~1b/0/v/w"):
        with pytest.raises((LookupError, TypeError)):
            versions.resolve({"a/b": [{"v": "1.2.3"}]}, pointer)


def test_an_engine_that_does_not_answer_is_no_fault_of_the_application() -> None:
    """Nothing is known of it then, so it is asked again, where a failure would take it back."""
    check = next(one for one in versions.CHECKS if one.name == "answers")
    looked = scene(stacks.only(*TWO), FakeEngine(WELL, GONE, GONE, WELL))
    assert looked.containers
    record = examine(looked, lambda _: None, [check])

    assert [one.verdict for one in record.checks] == [Verdict.INCONCLUSIVE]


@pytest.mark.parametrize("error", [GONE, KeyError("State")], ids=["engine", "a fault of ours"])
def test_a_check_that_crashes_is_inconclusive_and_the_others_go_on(error: Exception) -> None:
    """One blind spot hides nothing else, and is no success."""

    def blind(_: Scene) -> None:
        raise error

    broken = Check("blind", "cannot see", blind)  # type: ignore[arg-type]
    heard: list[str] = []
    looked = scene(stacks.only(*TWO), FakeEngine(WELL))
    record = examine(looked, lambda one: heard.append(one.name), [broken, health.CHECK])

    assert heard == ["blind", "soak"]
    assert record.verdict is Verdict.INCONCLUSIVE
    assert type(error).__name__ in record.checks[0].said


def test_the_checklist_judges_what_the_engine_has() -> None:
    """One tree at one path, and only networks of the stack: by what runs, not by what was asked."""
    mounts = [{"Source": "/srv/other", "Destination": "/data"}]
    networks: dict[str, Any] = {"NetworkSettings": {"Networks": {"bridge": {}}}}
    looked = scene(
        stacks.only(*TWO), FakeEngine([WELL[0], container("radarr", Mounts=mounts, **networks)])
    )
    verdicts = {check.name: check.run(looked) for check in readiness.CHECKS}

    assert verdicts["ready-data"].verdict is Verdict.FAILED
    assert "`radarr` is on bridge" in verdicts["ready-bridge"].said
    assert verdicts["ready-gpu"].verdict is Verdict.NOT_APPLICABLE
    assert verdicts["ready-exposure"].verdict is Verdict.INCONCLUSIVE
