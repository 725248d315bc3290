"""Whatever happens, prod ends on the old release with its old rows, or on the new one proved.

Most of the scenarios are skipped unless `TAME_EVERY_SCENARIO=1` asks for them all.
"""

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Make
from tests.e2e.promotion import faults, kills, rollbacks
from tests.e2e.promotion.conftest import Shelf, shelf_in
from tests.e2e.promotion.prod import Prod
from tests.e2e.promotion.scene import Ending, Scenario, Scene


EVERY = "TAME_EVERY_SCENARIO"
UNDONE = ("TAME855", "TAME861")
UNREADABLE = "TAME101"
"""Settings without a meaning do not say where notes are kept."""
SECONDS: dict[Scenario, int] = {
    faults.good_bad_good_and_back: 0,
    faults.bad_bad: 60,
    faults.fix_invalid: 30,
    faults.abort_and_retry: 60,
    faults.spec_and_image_at_once: 120,
    faults.dies_after_30_s: 90,
    faults.healthy_then_500: 30,
    faults.unknown_tag: 10,
    faults.registry_gone: 60,
    faults.repository_full: 60,
    faults.disk_full_half_way: 90,
    faults.gate_flapping: 150,
    rollbacks.rolled_back_and_forth: 90,
    rollbacks.rolled_back_with_its_rows: 60,
    rollbacks.rollback_aborted: 60,
    rollbacks.rollback_impossible: 60,
    kills.promotion_killed_at_every_step: 500,
    kills.undoing_killed_at_every_step: 500,
    kills.rollback_killed_at_every_step: 900,
}
"""How long each takes on two cores; 0: it always runs."""


def _case(scenario: Scenario) -> object:
    seconds = SECONDS[scenario]
    why = f"takes {seconds} s; {EVERY}=1 runs it"
    skip = pytest.mark.skipif(seconds > 0 and not os.environ.get(EVERY), reason=why)
    return pytest.param(scenario, id=getattr(scenario, "__name__", ""), marks=skip)


@pytest.fixture
def scene(
    prod: Prod,
    shelf: Shelf,
    make: Make,
    tmp_path: Path,
) -> Scene:
    """The stack that the scenarios share, and what it takes to make another one."""

    def fresh(image: str | None = None, **settings: object) -> Prod:
        wanted = {"prowlarr": {"image": image or shelf.release()}}
        one = Prod(make(services=wanted, wait_timeout=20))
        one.stack.change(**settings)
        one.deploy()
        return one

    def new_shelf() -> contextlib.AbstractContextManager[Shelf]:
        place = tmp_path / f"registry-{secrets.token_hex(4)}"
        return shelf_in(place, shelf.host, shelf.client)

    return Scene(prod, shelf, fresh, new_shelf, tmp_path)


@pytest.mark.parametrize("scenario", [_case(one) for one in SECONDS])
def test_prod_is_never_between(scenario: Callable[[Scene], Iterator[Ending]], scene: Scene) -> None:
    """After each attempt: the release and the rows that it has to end on, and why, on disk."""
    for ending in scenario(scene):
        done, prod = ending.done, ending.prod
        assert done.code == (1 if ending.code else 0), done.text
        assert ending.code in done.text
        assert prod.whole() == ending.expected, done.text
        if ending.code in UNDONE:
            _is_an_incident(prod.notes("incidents")[-1])
        elif ending.code and ending.code != UNREADABLE:
            assert prod.notes("refusals")[-1]["code"] == ending.code
        if not ending.code:
            _is_proved(prod, ending.expected.image)


def _is_an_incident(told: dict[str, object]) -> None:
    assert (told["rolled_back"], told["wrong"]) == (True, [])
    assert told["reason"]
    assert json.loads(Path(str(told["evidence"])).read_text())["checks"]


def _is_proved(prod: Prod, image: str) -> None:
    found = prod.releases()
    record = next(one for one in found["releases"] if one["id"] == found["current"])
    place = Path(record["evidence"])
    assert place.is_relative_to(prod.promotions)  # the next job has another checkout
    evidence = json.loads(place.read_text())
    assert evidence["release"]["images"] == {"prowlarr": image}
    assert found["held"] is None or found["held"]["release"] != found["current"]
