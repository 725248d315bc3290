"""Nothing that needs the engine is made before the evidence is there, and covers the release."""

from typing import Any

import pulumi
import pulumi_docker as docker
import pytest

from tame_components import proved
from tame_components.domain.release import Release
from tame_components.resources.proof import vouched
from tests.domain.test_evidence import PUBLIC, evidence, offered
from tests.harness import stacks
from tests.harness.recorder import Recorder, deploy


SERVICES: dict[str, Any] = {"radarr": {}}
GLASS = {"owner": "sam", "reason": "the sandbox burned down", "expires": "2099-12-31"}


exports_made: dict[str, Any] = {}
"""What the last program exported: mocks do not tell."""


class Reference:
    """The sandbox, as another stack sees it."""

    exports: str | None = None

    def __init__(self, name: str, stack_name: str) -> None:
        assert (name, stack_name) == ("evidence", "organization/tame/sandbox")

    def get_output(self, name: str) -> pulumi.Output[Any]:
        """What it exports."""
        assert name == "evidence"
        return pulumi.Output.from_input(self.exports)


def proof() -> str:
    """Evidence of the stack under test, that never gets old here."""
    release = Release.model_validate(stacks.topology(vpn=None, services=SERVICES).release)
    return offered(evidence(release=release, ended="2026-11-18T11:06:40+00:00"))


def run(
    monkeypatch: pytest.MonkeyPatch, exports: str | None, *, preview: bool, **asked: Any
) -> Recorder:
    """A program that makes an engine as soon as *exports* proves what it is for."""
    monkeypatch.setattr(pulumi, "StackReference", Reference)
    monkeypatch.setattr(Reference, "exports", exports)
    monkeypatch.setattr("tame_components.resources.proof.time.time", lambda: 1_795_000_000.0)
    settings = {"required": True, "sandbox": "organization/tame/sandbox", "public_key": PUBLIC}
    topology = stacks.topology(vpn=None, services=SERVICES, evidence={**settings, **asked})

    exports_made.clear()
    monkeypatch.setattr(pulumi, "export", exports_made.__setitem__)

    def program() -> None:
        docker.Provider("engine", host=proved(topology, "unix:///run/none.sock"))

    return deploy(program, preview=preview)


def test_an_update_without_evidence_makes_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with the reason's name; a preview goes on, for the policy pack to judge."""
    with pytest.raises(pulumi.RunError, match="no-evidence"):
        run(monkeypatch, None, preview=False)
    assert "host" in run(monkeypatch, None, preview=True).inputs_of("engine")


def test_evidence_lets_the_engine_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the stack says which evidence that was."""
    done = run(monkeypatch, proof(), preview=False)

    assert done.inputs_of("engine")["host"] == "unix:///run/none.sock"
    assert set(exports_made) == {"proof"}


def test_broken_glass_lets_it_be_made_and_is_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, why and until when stand in the outputs; the day after, it counts for nothing."""
    run(monkeypatch, None, preview=False, break_glass=GLASS)

    assert exports_made["break_glass"] == GLASS
    with pytest.raises(pulumi.RunError, match="no-evidence"):
        run(monkeypatch, None, preview=False, break_glass={**GLASS, "expires": "2026-01-01"})


def test_a_stack_that_demands_nothing_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its engine stays a plain value."""
    done = run(monkeypatch, None, preview=False, required=False)
    assert done.inputs_of("engine")["host"] == "unix:///run/none.sock"


class Own:
    """This stack, as it was deployed last."""

    exports: str | None = None
    asked = 0

    def __init__(self, name: str, stack_name: str) -> None:
        assert (name, stack_name) == ("evidence-so-far", "organization/tame/test")
        Own.asked += 1

    def get_output(self, name: str) -> pulumi.Output[Any]:
        """What it exports."""
        assert name == "evidence"
        return pulumi.Output.from_input(Own.exports)


def _signed(day: int) -> str:
    return offered(evidence(ended=f"2026-11-{day}T11:06:40+00:00"))


@pytest.mark.parametrize(
    ("here", "so_far", "expected"),
    [
        (None, _signed(18), _signed(18)),
        (_signed(19), _signed(18), _signed(19)),
        (_signed(18), _signed(19), _signed(19)),
        (_signed(18), None, _signed(18)),
        (_signed(18), "no evidence", _signed(18)),
        (None, None, None),
    ],
)
def test_a_checkout_without_the_evidence_keeps_what_was_exported(
    monkeypatch: pytest.MonkeyPatch, here: str | None, so_far: str | None, expected: str | None
) -> None:
    """The next job of the sandbox has none on its disk; an old checkout has an old one."""
    monkeypatch.setattr(pulumi, "StackReference", Own)
    monkeypatch.setattr(Own, "exports", so_far)
    monkeypatch.setattr(pulumi, "get_organization", lambda: "organization")  # a file backend's
    config = {"tame:secrets": '{"evidence": {"private_key": "k"}}'}
    found: list[str | None] = []

    def program() -> None:
        pulumi.runtime.set_all_config(config, list(config))
        pulumi.Output.from_input(vouched("test", here)).apply(found.append)
        docker.Provider("engine")

    deploy(program, preview=False)
    assert found == [expected]


def test_a_stack_without_a_key_does_not_ask_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It signs nothing, so nothing can get lost."""
    monkeypatch.setattr(pulumi, "StackReference", Own)
    monkeypatch.setattr(Own, "asked", 0)

    def program() -> None:
        pulumi.runtime.set_all_config({"tame:secrets": '{"gluetun": {}}'}, ["tame:secrets"])
        assert vouched("test", "x") == "x"
        docker.Provider("engine")

    deploy(program, preview=False)
    assert Own.asked == 0
