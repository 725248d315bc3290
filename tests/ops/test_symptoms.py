"""The doctor names causes that it has seen."""

from typing import TYPE_CHECKING, cast

import pytest

from tame_components.domain.topology import Topology
from tame_components.ops.observe import observe
from tame_components.ops.symptoms import Symptom, symptoms
from tests.harness.stacks import only, topology
from tests.ops.answers import NOW, Engine


if TYPE_CHECKING:
    import docker


def _symptoms(stack: Topology, engine: Engine) -> list[Symptom]:
    client = cast("docker.APIClient", engine)
    return list(symptoms(stack, observe(stack, engine, NOW), client))


def test_a_healthy_stack_has_no_symptoms_and_no_inspections() -> None:
    """Only what is ill costs a call."""
    stack = topology()
    engine = Engine(stack)

    assert _symptoms(stack, engine) == []
    assert "inspect" not in engine.asked


def test_a_known_line_of_the_log_is_translated() -> None:
    """The catalog's meaning is the cause; the rest of the log is not shown."""
    stack = only("radarr")
    engine = Engine(stack, radarr={"Status": "Up 2 minutes (unhealthy)"})
    engine.log = b"[Error] api key 0123456789abcdef\ndatabase disk image is malformed\n"

    (found,) = _symptoms(stack, engine)

    assert "database corrupt" in found.cause
    assert "0123456789abcdef" not in found.model_dump_json()


def test_a_failing_probe_is_quoted_with_what_it_proves() -> None:
    """The person learns what the probe asks, and what it got."""
    stack = only("radarr")
    engine = Engine(stack, radarr={"Status": "Up 2 minutes (unhealthy)"})
    engine.state = {"Health": {"Log": [{"Output": "curl: (22) error: 500\n"}]}}

    (found,) = _symptoms(stack, engine)

    probe = stack.service("radarr").app.probe
    assert probe
    assert probe.proves in found.cause
    assert "curl: (22) error: 500" in found.cause


@pytest.mark.parametrize(
    ("code", "killed", "expected"),
    [(137, True, "more memory than its limit"), (137, False, "SIGKILL"), (3, False, "code 3")],
)
def test_why_a_container_ended_is_told(code: int, *, killed: bool, expected: str) -> None:
    """Memory, a signal and the application's own code are told apart."""
    stack = only("radarr")
    gone = {"State": "exited", "Status": f"Exited ({code}) 5 seconds ago"}
    engine = Engine(stack, radarr=gone)
    engine.state = {"OOMKilled": killed}

    (found,) = _symptoms(stack, engine)

    assert expected in found.cause
    assert "docker start test-radarr" in found.hint


def test_a_member_of_a_gateway_that_is_gone_is_found() -> None:
    """It looks healthy from inside, and nobody can reach it (gluetun issue 641)."""
    stack = only("gluetun", "qbittorrent")
    engine = Engine(stack, gluetun={"Id": "b" * 64})

    (found,) = _symptoms(stack, engine)

    assert found.subject == "qbittorrent"
    assert "container that is gone" in found.what
