"""`tame recover` on a command line: a plan is printed, and nothing is done that was not wanted."""

import json
import os
from pathlib import Path

import pytest

from tame_components.cli import recover
from tests.cli.conftest import Tame
from tests.ops.wreck import LOCK, Engine, FakePulumi


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    """A stack whose lock is stale, and a Pulumi that says so."""
    one = FakePulumi(tmp_path / "fake")
    one.state(resources=[{"urn": "a::net", "id": "id-net"}])
    one.lock({"pid": LOCK.pid, "hostname": "", "timestamp": "2026-11-21T14:02:11Z"})
    monkeypatch.setenv("PATH", f"{one.folder}{os.pathsep}{os.environ['PATH']}")
    return one


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine with one container that Pulumi does not know."""
    one = Engine("radarr")
    monkeypatch.setattr(recover, "connect", lambda _host: one)
    return one


@pytest.mark.parametrize("flags", [("--plan",), (), ("--plan", "--yes"), ("--json",)])
def test_without_a_yes_nothing_is_changed(
    tame: Tame, fake: FakePulumi, engine: Engine, flags: tuple[str, ...]
) -> None:
    """A dry run, a pipe, a script: the plan with its causes, and exit code 3."""
    answer = tame("-C", str(fake.project), "recover", *flags)

    assert answer.code == 3
    assert "pulumi cancel test" in answer.out
    assert str(LOCK.pid) in answer.out
    assert "remove the container `test-radarr`" in answer.out
    assert engine.removed == []
    assert set(fake.verbs) == {"whoami", "stack export"}


def test_yes_does_it_and_says_what_is_next(tame: Tame, fake: FakePulumi, engine: Engine) -> None:
    """Progress goes to standard error, a line for each step."""
    answer = tame("-C", str(fake.project), "recover", "test", "--yes")

    assert answer.code == 0
    assert engine.removed == ["id-radarr"]
    assert "1 of 3: `pulumi cancel test`" in answer.err
    assert "3 of 3: `pulumi refresh --clear-pending-creates`" in answer.err
    assert answer.out.splitlines()[-1] == "recovered; next: `pulumi up --refresh -s test`"


def test_json_is_for_machines(tame: Tame, fake: FakePulumi) -> None:
    """One value on standard output: the plan, and whether it was carried out."""
    found = json.loads(tame("-C", str(fake.project), "recover", "--yes", "--json").out)

    assert (found["version"], found["stack"], found["executed"]) == (1, "test", True)
    assert [one["do"] for one in found["steps"]] == ["unlock", "remove-container", "refresh"]
    assert all(one["cause"] for one in found["steps"])


def test_nothing_to_recover_is_well(
    tame: Tame, fake: FakePulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked about a healthy stack it says so, with 0."""
    fake.unlock()
    monkeypatch.setattr(recover, "connect", lambda _host: Engine())

    answer = tame("-C", str(fake.project), "recover", "--yes")

    assert answer.code == 0
    assert "nothing to recover" in answer.out
    assert set(fake.verbs) == {"whoami", "stack export"}
