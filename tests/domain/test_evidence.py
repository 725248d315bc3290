"""Prod believes only what the sandbox proved, of its own key, for a while."""

import json
from typing import Any

import pytest

from tame_components.domain.analysis import Counts, Threshold, Verdict
from tame_components.domain.evidence import (
    CheckResult,
    Demand,
    Evidence,
    Refusal,
    SignedEvidence,
    new_key_pair,
    refusals,
)
from tame_components.domain.release import Release, same_image


DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
IMAGE = "registry.example/radarr:6.2.1"
CONFIG = "c" * 64
PRIVATE, PUBLIC = new_key_pair()
NOW = 1_795_000_000.0
ENDED = "2026-11-18T11:06:40+00:00"
"""Of `NOW`."""


def evidence(**changes: Any) -> Evidence:
    """A record that passes, but for *changes*."""
    check = CheckResult(name="health", title="Health", verdict=Verdict.PASSED, said="healthy")
    known: dict[str, Any] = {
        "stack": "sandbox",
        "environment": "sandbox",
        "rehearsal": False,
        "release": Release(images={"radarr": f"{IMAGE}@{DIGEST}"}, config=CONFIG),
        "checks": (check,),
        "started": ENDED,
        "ended": ENDED,
        "soak_seconds": 60,
    }
    return Evidence.model_validate({**known, **changes})


def demand(**changes: Any) -> Demand:
    """What prod asks, but for *changes*."""
    known: dict[str, Any] = {
        "public_key": PUBLIC,
        "max_age_days": 7,
        "rehearsal": False,
        "images": {"radarr": f"{IMAGE}@{DIGEST}"},
        "config": CONFIG,
    }
    return Demand.model_validate({**known, **changes})


def offered(record: Evidence | None = None, key: str = PRIVATE) -> str:
    """The sandbox's output."""
    return SignedEvidence.sign(record or evidence(), key).model_dump_json()


def names(given: Any, asked: Demand | None = None, now: float = NOW) -> list[Refusal]:
    """Why *given* does not count."""
    return [name for name, _ in refusals(given, asked or demand(), now)]


def test_fresh_matching_passing_evidence_of_the_right_key_counts() -> None:
    """Nothing is refused."""
    assert names(offered()) == []


def test_every_byte_of_the_record_is_signed() -> None:
    """A verdict, a digest or a date that somebody changed is found; so is another's signature."""
    good = json.loads(offered())
    for before, after in (("passed", "pass3d"), (DIGEST, OTHER), ("2026", "2027")):
        changed = {**good, "record": good["record"].replace(before, after)}
        assert names(json.dumps(changed)) in ([Refusal.TAMPERED], [Refusal.UNREADABLE])
    other = json.loads(offered(evidence(stack="x")))["signature"]
    assert names(json.dumps({**good, "signature": other})) == [Refusal.TAMPERED]


def test_another_key_is_named_as_foreign() -> None:
    """Evidence of somebody else's sandbox is refused, whatever it says of itself."""
    other, _ = new_key_pair()

    assert names(offered(key=other)) == [Refusal.FOREIGN]
    claimed = json.loads(offered(key=other)) | {"public_key": PUBLIC}
    assert names(json.dumps(claimed)) == [Refusal.TAMPERED]


@pytest.mark.parametrize(("days", "expected"), [(6.9, []), (7.1, [Refusal.STALE])])
def test_evidence_goes_stale(days: float, expected: list[Refusal]) -> None:
    """Seven days by default; the border is where the setting says."""
    assert names(offered(), now=NOW + days * 86_400) == expected


def test_evidence_of_the_future_is_no_evidence() -> None:
    """A wrong clock must not keep evidence fresh for ever."""
    assert names(offered(), now=NOW - 86_400) == [Refusal.STALE]


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.INCONCLUSIVE])
def test_doubt_is_no_proof(verdict: Verdict) -> None:
    """A required check that failed or could not be made refuses the release; advice does not."""
    bad = CheckResult(name="soak", title="Soak", verdict=verdict, said="died")
    good = evidence().checks[0]

    assert names(offered(evidence(checks=(good, bad)))) == [Refusal.FAILED]
    advice = bad.model_copy(update={"required": False})
    assert names(offered(evidence(checks=(good, advice)))) == []
    assert names(offered(evidence(checks=()))) == [Refusal.FAILED]


def test_what_was_not_proved_is_named() -> None:
    """Another digest, an unknown service and other settings are each a refusal of their own."""
    asked = demand(images={"radarr": f"{IMAGE}@{OTHER}", "sonarr": IMAGE}, config="d" * 64)
    found = list(refusals(offered(), asked, NOW))

    assert [name for name, _ in found] == [Refusal.OTHER] * 3
    assert ["radarr" in found[0][1], "sonarr" in found[1][1], "config" in found[2][1]] == [True] * 3


def test_a_rehearsal_proves_nothing_for_the_real_thing() -> None:
    """Stand-ins are no applications."""
    assert names(offered(evidence(rehearsal=True))) == [Refusal.FOREIGN]
    assert names(offered(evidence(rehearsal=True)), demand(rehearsal=True)) == []


@pytest.mark.parametrize("given", ["", "[]", {"record": "{}"}, 7, "{}", "nonsense"])
def test_what_cannot_be_read_is_refused(given: Any) -> None:
    """Nothing that another stack exports ends in a stack trace."""
    assert names(given) == [Refusal.UNREADABLE]
    assert names(None) == [Refusal.NONE]


def test_images_are_the_same_by_digest_and_only_then_by_tag() -> None:
    """A moved tag is another image; a digest without a tag is the same one."""
    assert same_image(f"{IMAGE}@{DIGEST}", f"registry.example/radarr@{DIGEST}")
    assert same_image(IMAGE, f"{IMAGE}@{DIGEST}")
    assert not same_image(f"{IMAGE}@{DIGEST}", f"{IMAGE}@{OTHER}")
    assert not same_image(f"other.example/radarr:6.2.1@{DIGEST}", f"{IMAGE}@{DIGEST}")
    assert not same_image("a/b:1.0.0", "a/b:1.0.1")


def test_a_release_is_known_by_what_runs() -> None:
    """Neither the program's revision nor a policy's advice makes another release of it."""
    one = evidence().release

    assert one.model_copy(update={"program": "abc"}).id == one.id
    assert one.model_copy(update={"config": "d" * 64}).id != one.id


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(good=3), Verdict.PASSED),
        (Counts(good=2, bad=1, unreadable=9), Verdict.FAILED),
        (Counts(good=2, unreadable=1), Verdict.INCONCLUSIVE),
        (Counts(), Verdict.INCONCLUSIVE),
    ],
)
def test_samples_are_judged_by_thresholds(counts: Counts, expected: Verdict) -> None:
    """One bad sample fails; what could not be read, or was not looked at, proves nothing."""
    assert counts.judged_by(Threshold(least=2)) is expected
    assert Counts(good=1, bad=1).judged_by(Threshold(failures=1)) is Verdict.PASSED
