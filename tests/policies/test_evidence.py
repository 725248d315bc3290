"""A preview of prod says by name what the sandbox did not prove."""

import datetime as dt
import json
from typing import Any

from tame_components.domain.analysis import Verdict
from tame_components.domain.evidence import CheckResult, Evidence, SignedEvidence, new_key_pair
from tame_components.domain.release import Release
from tests.harness import stacks
from tests.policies.resources import Pack, props


PRIVATE, PUBLIC = new_key_pair()
IMAGE = f"lscr.io/linuxserver/radarr:6.2.1.10461-ls308@sha256:{'a' * 64}"
STACK = "pulumi:pulumi:Stack"
EVIDENCE = {"required": True, "sandbox": "organization/tame/sandbox", "public_key": PUBLIC}
SERVICES = {"radarr": {"image": IMAGE}}


def proof(days: float = 0.0, **changes: Any) -> str:
    """Evidence of the sandbox, *days* old, with *changes* to the release."""
    asked = stacks.topology(vpn=None, services=SERVICES).release
    moment = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=days)
    ended = moment.isoformat(timespec="seconds")
    check = CheckResult(name="soak", title="soak", verdict=Verdict.PASSED, said="healthy")
    record = Evidence(
        stack="sandbox",
        environment="sandbox",
        rehearsal=False,
        release=Release.model_validate({**asked, **changes}),
        checks=(check,),
        started=ended,
        ended=ended,
        soak_seconds=60,
    )
    return SignedEvidence.sign(record, PRIVATE).model_dump_json()


def said(pack: Pack, offered: str | None, image: str = IMAGE, **evidence: Any) -> dict[str, str]:
    """What the pack says of a stack whose program read *offered*, and runs *image*."""
    values = stacks.values(
        vpn=None, environment="prod", services=SERVICES, evidence={**EVIDENCE, **evidence}
    )
    config: dict[str, Any] = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()
    }
    run = pack.begin(**config)
    labels = [{"label": "tame.service", "value": "radarr"}]
    run.resource("radarr", props("radarr", image=image, labels=labels))
    run.resource("stack", {"proof": offered} if offered else {}, STACK)
    told = run.end()
    return {name: told[name] for name in ("unproved-release", "broken-glass") if name in told}


def test_what_the_sandbox_proved_may_run(pack: Pack) -> None:
    """Fresh, signed, passing evidence of the same images and settings: nothing is said."""
    assert said(pack, proof()) == {}


def test_each_lack_is_refused_by_name(pack: Pack) -> None:
    """None, stale, tampered, foreign, of another image, of other settings."""
    _, foreign = new_key_pair()
    cases = {
        "no-evidence": said(pack, None),
        "stale-evidence": said(pack, proof(days=8)),
        "tampered-evidence": said(pack, proof().replace("healthy", "h3althy")),
        "foreign-evidence": said(pack, proof(), public_key=foreign),
        "other-release: image of `radarr`": said(pack, proof(), IMAGE.replace("a" * 64, "b" * 64)),
        "other-release: config": said(pack, proof(config="c" * 64)),
        "unreadable-evidence": said(pack, "{}"),
    }

    for name, told in cases.items():
        assert set(told) == {"unproved-release"}, name
        assert name in told["unproved-release"]


def test_broken_glass_is_seen_until_its_last_day(pack: Pack) -> None:
    """It turns the refusal into advice that names who, why and what is lacking; then it is over."""
    glass = {"owner": "sam", "reason": "the sandbox burned down", "expires": "2099-12-31"}
    told = said(pack, None, break_glass=glass)

    assert set(told) == {"broken-glass"}
    for part in ("`sam`", "2099-12-31", "the sandbox burned down", "no evidence"):
        assert part in told["broken-glass"]
    over = said(pack, None, break_glass={**glass, "expires": "2020-01-01"})
    assert set(over) == {"unproved-release"}


def test_a_stack_that_demands_nothing_is_left_alone(pack: Pack) -> None:
    """The sandbox itself, and everybody's own programs."""
    assert said(pack, None, required=False) == {}
    assert pack.begin().end().get("unproved-release") is None
