"""Every rule under the real CLI: one preview of many containers per surroundings."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tame_components.domain.container import Container
from tame_components.rules import RULES, Level
from tests.policies.project import ROOT, Project
from tests.rules.cases import CASES, Case
from tests.rules.cases import model as cases


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (ROOT / ".tame/bin/pulumi").exists(),
        reason="there is no toolchain yet: `ci/toolchain/ensure` makes it",
    ),
]

PROGRAM = Path(__file__).with_name("program.py")
WORLDS = sorted({case.world for case in CASES})

_SAID = re.compile(
    r"- \[(?P<level>mandatory|advisory)\] \[severity: \w+\]  (?P<policy>[\w-]+)  \(.*\)\n"
    r" +R\d+\w?: .*\n +`(?P<subject>[^`]+)`: "
)


def _of(world: str) -> list[Case]:
    return [case for case in CASES if case.world == world]


def _containers(found: Iterable[Case]) -> list[Container]:
    once = {one.name: one for case in found for one in case.containers}
    return list(once.values())


def _facts(found: list[Case]) -> str:
    networks: dict[str, dict[str, bool]] = {"media": {"internal": False}}
    for case in found:
        for name, internal in case.scope.get("networks", {}).items():
            networks[name] = {"internal": internal}
        for name in case.scope.get("ipv6_networks", ()):
            networks[name] = {"ipv6": True}
    containers = [one.model_dump(mode="json") for one in _containers(found)]
    return json.dumps({"containers": containers, "networks": networks})


def _config(found: list[Case]) -> str:
    exemptions = [one for case in found for one in case.scope.get("exemptions", ())]
    return json.dumps(
        {
            "tame:environment": "prod",
            "tame:data": {"root": cases.ROOT, "network_mounts": list(cases.NETWORK_MOUNTS)},
            "tame:exemptions": [one.model_dump() for one in exemptions],
        }
    )


@pytest.mark.parametrize("world", WORLDS)
def test_the_pack_says_what_the_rules_say(world: str, tmp_path: Path) -> None:
    """Each offender is named under its rule, at the level of prod; no look-alike is."""
    found, project = _of(world), Project(tmp_path)
    (project.directory / "facts.json").write_text(_facts(found))

    done = project.run("preview", PROGRAM.read_text("utf-8"), config=_config(found))
    said = {
        (match["policy"].removesuffix("-across-stack"), match["subject"]): match["level"]
        for match in _SAID.finditer(done.text)
    }

    assert done.code != 0
    assert "could not be judged yet" not in done.text
    for case in found:
        level = RULES[case.rule].levels.prod
        expected = str(level) if case.offends else None
        assert said.get((case.rule, case.name)) == expected, (case.rule, case.why)
    if world == "main":
        assert "`host-network` of `" in done.text
        assert "asked for by `ada` until 9998-12-31" in done.text
    assert {Level(level) for level in said.values()} == {Level.MANDATORY, Level.ADVISORY}
