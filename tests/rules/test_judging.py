"""Judging: unknown facts, exemptions, levels, and what constructors raise."""

import re
import subprocess
import sys

import pytest

from tame_components.domain.container import Container
from tame_components.domain.errors import DoctrineViolated
from tame_components.domain.rendering import container_of
from tame_components.domain.settings import Exemption
from tame_components.rules import (
    LEVELS,
    RULES,
    Level,
    Rule,
    Scope,
    enforce,
    enforce_stack,
    exempted,
    judge,
    judge_stack,
    scope_of,
)
from tests.harness import stacks
from tests.rules.stacks import DATA, SOCKET, bind, container, judged, port, stack


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
        judgement = judge(blind, Scope(data_root=DATA), [rule])
        if rule.check is None:
            judgement = judge_stack(stack(blind), [rule])
        assert judgement.undecided == (rule.name,), field


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


@pytest.mark.parametrize(("expires", "allowed"), [("2026-06-01", True), ("2026-05-31", False)])
def test_a_whole_stack_is_refused_when_its_exemption_has_run_out(
    expires: str, *, allowed: bool
) -> None:
    """The components honour what the pack honours; the forgotten exemption is named itself."""
    exemption = {
        "rule": "automatic-updater",
        "service": "radarr",
        "owner": "ada",
        "reason": "waits for the fix of a bug",
        "expires": expires,
    }
    topology = stacks.topology(
        services={"radarr": {"environment": {"AUTO_UPDATE": "true"}}}, exemptions=[exemption]
    )
    containers = [container_of(topology, one) for one in topology.services]
    scope = scope_of(topology, containers, today=TODAY)

    if allowed:
        enforce_stack(scope)
        return
    with pytest.raises(DoctrineViolated) as caught:
        enforce_stack(scope)
    text = str(caught.value)
    assert "radarr: automatic-updater: `AUTO_UPDATE` is on" in text
    assert "(the exemption of `ada` expired on 2026-05-31)" in text
    assert "radarr: broken-exemption: the exemption of `ada` from `automatic-updater`" in text


def test_an_exemption_for_the_whole_stack_names_the_stack() -> None:
    """A rule that judges the sum has no single service to name."""
    exemption = EXEMPTION.model_copy(update={"rule": "unwatched-stack", "service": "stack"})
    lonely = container("plex")

    judgement = judge_stack(stack(lonely, exemptions=(exemption,), today=TODAY))

    assert "unwatched-stack" in judgement.exempted
    assert "broken-exemption" not in {one.rule for one in judgement.violations}


def test_only_exemptions_that_are_used_are_told() -> None:
    """With owner, last day and reason; one that allows nothing is not worth a line."""
    saved = EXEMPTION.model_copy(update={"rule": "not-backed-up", "service": "radarr"})
    other = saved.model_copy(update={"service": "sonarr"})
    floats = EXEMPTION.model_copy(update={"service": "sonarr"})
    radarr = container(service="radarr", image="a/radarr:latest")
    scope = stack(radarr, exemptions=(EXEMPTION, saved, other, floats), today=TODAY)

    told = exempted(scope)

    assert [line.partition(",")[0] for line in told] == [
        "`floating-image-tag` of `radarr`",
        "`not-backed-up` of `radarr`",
    ]
    assert "asked for by `ada` until 2026-06-01: waits for the fix of a bug" in told[0]
    assert exempted(stack(radarr)) == ()


def test_a_tree_on_another_host_has_its_own_root() -> None:
    """A Tdarr node elsewhere sees the same tree under another path of its host."""
    there = container("tdarr_node", mounts=(bind("/mnt/share", "/data"),))
    importer = container(mounts=(bind("/mnt/share", "/data"), bind("/srv/c", "/config")))
    known = Scope(data_root=DATA, other_data_roots=("/mnt/share",))

    for one, rule in ((there, "crooked-data-path"), (importer, "split-data-tree")):
        assert judged(rule, one).violations, rule
        assert not judged(rule, one, known).violations, rule


def test_every_rule_says_what_why_and_what_instead() -> None:
    """A rule without a reason is an order."""
    for name, rule in RULES.items():
        assert re.fullmatch(r"[a-z][a-z-]+", name), name
        assert all((rule.summary, rule.why, rule.example, rule.instead)), name
        assert not rule.summary.endswith("."), name
        assert rule.reads <= set(Container.model_fields), name
        assert rule.adds <= rule.reads, name
        assert rule.check or rule.check_stack, name
    assert {rule.id for rule in RULES.values()} == set(LEVELS)
    assert len(LEVELS) == len(RULES)


def test_no_rule_is_softer_in_prod_than_in_a_rehearsal() -> None:
    """What the sandbox proves must be enough for prod, and what stops dev stops prod."""
    weight = {Level.OFF: 0, Level.ADVISORY: 1, Level.MANDATORY: 2}
    for number, levels in LEVELS.items():
        assert weight[levels.dev] <= weight[levels.sandbox] <= weight[levels.prod], number
        assert levels.prod is not Level.OFF, number
        assert levels.at("unheard-of") is levels.prod, number


def test_a_rule_that_is_off_is_silent_unless_the_caller_has_own_levels() -> None:
    """A dev stack runs tags; the pack's own configuration may ask about them all the same."""
    tagged, dev = container(image="a/radarr:5.26.2"), Scope(environment="dev", data_root=DATA)
    rule = [RULES["image-without-digest"]]

    assert not judge(tagged, dev, rule).violations
    assert judge(tagged, dev, rule, off_too=True).violations


def test_the_doctrines_mandatory_rules_stop_prod() -> None:
    """The levels of the doctrine, as it is written down."""
    mandatory = {f"R{number:02}" for number in (1, 2, 3, 5, 6, *range(9, 22), *range(23, 27))}
    mandatory |= {"R28", "R29", "R30", "R33", "R34", "R35", "R36"}

    assert {number for number in mandatory if LEVELS[number].prod is not Level.MANDATORY} == set()


def test_importing_the_rules_brings_neither_pydantic_nor_pulumi() -> None:
    """The policy pack imports them in every preview before anything else can start."""
    code = "import sys, tame_components.rules; print({'pulumi', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("on_its_machine", [False, True], ids=["no tool", "a tool"])
def test_a_backup_does_not_reach_another_machine(*, on_its_machine: bool) -> None:
    """Its job copies the stack's own host, whatever the same path holds elsewhere."""
    tool = {"host": "gpu-box"} if on_its_machine else {}
    topology = stacks.topology(
        services={"radarr": {}, "sonarr": {"host": "gpu-box"}, "docker-volume-backup": tool},
        vpn=None,
        hosts={"gpu-box": {**stacks.OTHER_HOST["gpu-box"], "config_root": "/srv/config"}},
        backup={"tool": "offen"},
    )
    containers = [container_of(topology, one) for one in topology.services]
    found = judge_stack(
        scope_of(topology, containers, today=TODAY), [RULES["not-backed-up"]]
    ).violations

    assert [one.subject for one in found] == ([] if on_its_machine else ["sonarr"])
    assert all("`gpu-box`" in one.hint for one in found)
