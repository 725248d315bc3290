"""The doctor's list is ranked, and one failed check does not hide the others."""

from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.errors import EngineUnreachable, HostConflicts, TameError
from tame_components.ops import doctor
from tame_components.ops.doctor import Finding, Severity, examine
from tame_components.ops.errors import StackBusy, StackUnreadable
from tame_components.ops.leftovers import Leftover
from tame_components.ops.project import StackFile
from tests.harness.stacks import topology, values
from tests.ops.answers import Engine
from tests.ops.wreck import LOCK, situation


class _Engine(Engine):
    def info(self) -> dict[str, Any]:
        """`GET /info`, of an old engine."""
        return {
            "ServerVersion": "19.03.1",
            "Driver": "overlay2",
            "CgroupVersion": "1",
            "MemoryLimit": False,
        }


@pytest.fixture
def stack(tmp_path: Path) -> StackFile:
    """The settings of a good stack, whose secrets are set."""
    secrets = frozenset({"tame:root_secret", "tame:secrets.gluetun.wireguard_private_key"})
    return StackFile("test", tmp_path / "Pulumi.test.yaml", values(), secrets)


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> _Engine:
    """An engine on which all services are well, and a host without conflicts."""
    one = _Engine(topology())
    monkeypatch.setattr(doctor, "connect", lambda _host: one)
    monkeypatch.setattr(doctor, "missing", lambda _stack: ())
    monkeypatch.setattr(doctor, "preflight", lambda _topology: None)
    monkeypatch.setattr(doctor, "look", lambda _stack, _engine: situation())
    return one


def _about(found: tuple[Finding, ...], subject: str) -> list[Finding]:
    return [one for one in found if one.subject == subject]


def test_what_is_broken_stands_first(stack: StackFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken before at risk before facts, whatever the order of the checks."""

    def conflicts(_topology: object) -> None:
        raise HostConflicts(["port: `8096` is published by `other`"])

    monkeypatch.setattr(doctor, "preflight", conflicts)

    found = examine(stack)

    assert [one.severity for one in found] == sorted(one.severity for one in found)
    assert found[0].severity is Severity.BROKEN
    assert "`8096` is published by `other` [TAME502]" in _about(found, "port")[0].what


def test_an_old_engine_and_limits_that_do_not_hold_are_told(stack: StackFile) -> None:
    """They work today, and a promise of the stack is not kept."""
    told = [one.what for one in _about(examine(stack), "engine")]

    assert any("older than 20.10" in what for what in told)
    assert any("memory limits are not enforced" in what for what in told)


def test_without_pulumi_the_rest_is_still_looked_at(
    stack: StackFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One finding more, none less."""
    monkeypatch.setenv("PATH", str(tmp_path))

    found = examine(stack)

    assert "no `pulumi` on PATH" in _about(found, "pulumi")[0].what
    assert _about(found, "engine")


def test_an_engine_that_goes_away_half_way_is_a_finding(
    stack: StackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's errors are no stack trace here either."""

    def gone(_topology: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(doctor, "preflight", gone)

    assert any(f"[{EngineUnreachable.code}]" in one.what for one in examine(stack))


def test_a_moved_tag_comes_with_what_helps(stack: StackFile, engine: _Engine) -> None:
    """An `up` alone would keep the old image: its name has not changed."""
    engine.move_tag(str(stack.topology.service("radarr").image))

    (found,) = _about(examine(stack), "radarr")

    assert found.severity is Severity.RISK
    assert "docker rm -f test-radarr" in found.hint


def test_what_a_killed_up_left_is_a_finding(
    stack: StackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock, an unreadable state and unknown containers: each names `tame recover`."""
    unknown = Leftover(kind="container", name="test-radarr", id="1" * 64)
    wreck = situation(complaint="EOF", locks=(LOCK,), leftovers=(unknown,), pending=("media-net",))
    monkeypatch.setattr(doctor, "look", lambda _stack, _engine: wreck)

    found = examine(stack)

    told = [*_about(found, "state"), *_about(found, "test-radarr")]
    assert [one.hint for one in told] == ["`tame recover test`"] * 4
    assert [one.severity for one in told] == [Severity.BROKEN] * 3 + [Severity.RISK]


def test_what_may_be_another_stack_s_is_not_given_to_recover(
    stack: StackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two checkouts, one name: the hint is to look, not to remove."""
    other = Leftover(kind="container", name="test-radarr", id="1" * 64, keep="another stack")
    monkeypatch.setattr(doctor, "look", lambda _stack, _engine: situation(leftovers=(other,)))

    (found,) = _about(examine(stack), "test-radarr")

    assert "docker inspect test-radarr" in found.hint
    assert "recover" not in found.hint


@pytest.mark.parametrize(
    "error", [StackBusy("test", "process 1"), StackUnreadable("test", "file:///s", "no stack")]
)
def test_a_stack_that_was_never_made_is_not_broken(
    stack: StackFile, monkeypatch: pytest.MonkeyPatch, error: TameError
) -> None:
    """Before the first `up`, and during one, the state is a fact and no fault."""

    def refuse(_stack: object, _engine: object) -> None:
        raise error

    monkeypatch.setattr(doctor, "look", refuse)

    (found,) = _about(examine(stack), "state")

    assert found.severity is Severity.FACT
    assert error.code in found.what
