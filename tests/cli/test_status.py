"""`tame status` on a screen."""

import json
from typing import Any

import pytest

from tame_components.cli import status
from tame_components.cli.screen import short_time, table
from tame_components.domain.topology import Topology
from tame_components.ops.observe import observe
from tests.cli.conftest import Tame
from tests.harness.stacks import topology
from tests.ops.answers import NOW, Engine


def _use(monkeypatch: pytest.MonkeyPatch, *engines: Engine) -> None:
    """Let each look see the next of *engines*, and the last one for ever."""
    left = list(engines)

    def looks(stack: Topology, _engine: object, now: float) -> Any:
        return observe(stack, left.pop(0) if len(left) > 1 else left[0], now)

    monkeypatch.setattr(status, "connect", lambda _host: None)
    monkeypatch.setattr(status, "observe", looks)
    monkeypatch.setattr(status, "_PAUSE", 0.01)


def test_all_healthy_ends_with_0(tame: Tame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every service has its line, in 80 columns, and the verdict stands last."""
    _use(monkeypatch, Engine(topology()))

    answer = tame("status")

    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "12 of 12 healthy"
    assert all(one.name in answer.out for one in topology().services)
    assert max(map(len, answer.out.splitlines())) <= 80
    assert "\x1b" not in answer.out


def test_one_unhealthy_ends_with_3(tame: Tame, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state is a word, not only a colour, and the verdict names the service."""
    _use(monkeypatch, Engine(topology(), radarr={"Status": "Up 1 hour (unhealthy)"}))

    answer = tame("status")

    assert answer.code == 3
    assert "11 of 12 healthy; not: radarr (unhealthy)" in answer.out


def test_wait_looks_again_until_all_are_healthy(
    tame: Tame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress goes to standard error, the table is printed once."""
    starting = Engine(topology(), radarr={"Status": "Up 1 second (health: starting)"})
    _use(monkeypatch, starting, starting, Engine(topology()))

    answer = tame("status", "--wait", "30")

    assert answer.code == 0
    assert "waiting for radarr" in answer.err
    assert answer.out.count("SERVICE") == 1


def test_wait_ends_in_time(tame: Tame, monkeypatch: pytest.MonkeyPatch) -> None:
    """What never gets healthy is told, with 3."""
    _use(monkeypatch, Engine(topology(), radarr=None))

    assert tame("status", "--wait", "1").code == 3


def test_json_is_for_machines(tame: Tame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is one JSON value and nothing else."""
    _use(monkeypatch, Engine(topology(), radarr=None))

    found = json.loads(tame("status", "--json").out)

    assert (found["version"], found["healthy"], len(found["services"])) == (1, False, 12)


def test_a_terminal_without_unicode_is_served(tame: Tame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Symbols have plain forms."""
    monkeypatch.setattr(status, "symbol", lambda _preferred, plain: plain)
    _use(monkeypatch, Engine(topology()))

    assert "+ radarr" in tame("status").out


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(None, "-"), (0, "0s"), (59, "59s"), (60, "1m"), (7_200, "2h"), (2_678_400, "31d")],
)
def test_ages_fit_into_four_characters(seconds: int | None, expected: str) -> None:
    """The largest unit that fits."""
    assert short_time(seconds) == expected


def test_the_chosen_column_gives_way() -> None:
    """A narrow terminal shortens one column, visibly, and no other."""
    lines = table(["A", "B"], [["first", "x" * 50]], shrink=1, columns=20)

    assert lines[1].startswith("first  xxxx")
    assert lines[1].endswith(("…", "~"))
    assert max(map(len, lines)) == 20


def test_now_is_used_for_ages() -> None:
    """Two minutes are two minutes."""
    seen = observe(topology(), Engine(topology()), NOW)

    assert "  2m  " in "\n".join(status.lines(seen))
