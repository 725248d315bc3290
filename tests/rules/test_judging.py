"""Judging: unknown facts, exemptions, levels, and what constructors raise."""

import re
import subprocess
import sys

import pytest

from tame_components.domain.container import Container
from tame_components.domain.errors import DoctrineViolated
from tame_components.domain.settings import Exemption
from tame_components.rules import RULES, Level, Rule, Scope, enforce, judge
from tests.rules.stacks import DATA, SOCKET, bind, container, judged, port


TODAY = "2026-06-01"
EXEMPTION = Exemption(
    rule="floating-image-tag",
    service="radarr",
    owner="ada",
    reason="waits for the fix of a bug",
    expires=TODAY,
)


def test_a_container_of_the_doctrine_breaks_no_rule() -> None:
    """The container that the tests start from is clean, so that each test shows one offence."""
    assert not judge(container(), Scope(data_root=DATA)).violations


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_an_unknown_field_is_undecided_and_never_passed(rule: Rule) -> None:
    """For every rule and every field that it reads."""
    for field in rule.reads:
        blind = container(unknown=frozenset({field}))
        assert judge(blind, Scope(data_root=DATA), [rule]).undecided == (rule.name,), field


def test_an_offence_in_the_known_part_is_found_beside_an_unknown_part() -> None:
    """One unknown mount does not hide a writable socket."""
    half = container(mounts=(bind(SOCKET, SOCKET),), unknown=frozenset({"mounts"}))

    assert judged("writable-docker-socket", half).violations


def test_an_unknown_image_accuses_nobody() -> None:
    """A VPN gateway whose image is not known yet is not accused of its capability."""
    gateway = container("x", capabilities=("NET_ADMIN",), unknown=frozenset({"image"}))

    assert judged("privileged-container", gateway).undecided == ("privileged-container",)


@pytest.mark.parametrize(
    ("today", "service", "allowed"),
    [(TODAY, "radarr", True), ("2026-06-02", "radarr", False), (TODAY, "sonarr", False)],
)
def test_an_exemption_holds_until_its_day_and_for_its_service(
    today: str, service: str, *, allowed: bool
) -> None:
    """After that the rule stands again, and says whose exemption ran out."""
    offender = container(service=service, image="radarr:latest")
    scope = Scope(exemptions=(EXEMPTION,), today=today, data_root=DATA)

    judgement = judged("floating-image-tag", offender, scope)

    assert bool(judgement.exempted) is allowed
    assert bool(judgement.violations) is not allowed
    if service == "radarr" and not allowed:
        assert "the exemption of `ada` expired on 2026-06-01" in str(judgement.violations[0])


def test_without_a_date_no_exemption_holds() -> None:
    """A caller that forgets the date is stricter, not laxer."""
    scope = Scope(exemptions=(EXEMPTION,), data_root=DATA)

    assert judged("floating-image-tag", container(image="radarr:latest"), scope).violations


def test_enforce_raises_every_mandatory_violation_at_once() -> None:
    """A person corrects all of them in one go; advice does not stop anybody."""
    offender = container(
        service="radarr", image="radarr:latest", ports=(port(7878, ""),), privileged=True
    )

    with pytest.raises(DoctrineViolated) as caught:
        enforce(offender, Scope(data_root=DATA))

    text = str(caught.value)
    for name in ("floating-image-tag", "unbound-port", "privileged-container"):
        assert name in text
    advised = container(
        "dozzle", mounts=(bind(SOCKET, SOCKET, read_only=True),), image="amir20/dozzle:8.13.1"
    )
    enforce(advised, Scope(environment="dev"))


def test_every_rule_says_what_why_and_what_instead() -> None:
    """A rule without a reason is an order."""
    for name, rule in RULES.items():
        assert re.fullmatch(r"[a-z][a-z-]+", name), name
        assert all((rule.summary, rule.why, rule.example, rule.instead)), name
        assert not rule.summary.endswith("."), name
        assert rule.reads <= set(Container.model_fields), name
        assert rule.adds <= rule.reads, name
        assert Level.MANDATORY is rule.levels.prod or rule.id == "R23A", name
    assert len({rule.id for rule in RULES.values()}) == len(RULES)


def test_importing_the_rules_brings_neither_pydantic_nor_pulumi() -> None:
    """The policy pack imports them in every preview before anything else can start."""
    code = "import sys, tame_components.rules; print({'pulumi', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
