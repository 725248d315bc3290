"""What the engine says, in words that a person needs."""

from types import SimpleNamespace
from typing import Any

import pytest

from tame_components.ops.deployer import PolicyFinding, Progress, Step
from tame_components.ops.engine_events import Reader, error_lines, told


KINDS = (
    "resource_pre_event",
    "res_outputs_event",
    "res_op_failed_event",
    "diagnostic_event",
    "policy_event",
    "summary_event",
)


def event(kind: str, **facts: Any) -> Any:
    """One event of the engine."""
    return SimpleNamespace(**{**dict.fromkeys(KINDS), kind: SimpleNamespace(**facts)})


def step(operation: str, **facts: Any) -> Any:
    """What is done to a resource."""
    known = {"urn": "urn::t::x::radarr", "type": "x", "detailed_diff": None}
    return SimpleNamespace(**{"op": operation, "keys": None, "diffs": None, **known, **facts})


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("error: no room\nerror: update failed", ["no room"]),
        ("error: update failed", ["update failed"]),
        ("\n code: 255\n stdout: \n stderr: something odd", ["stderr: something odd"]),
        ("", ["no reason was given"]),
    ],
)
def test_an_error_keeps_what_is_specific(printed: str, expected: list[str]) -> None:
    """`update failed` alone helps nobody, but is better than nothing."""
    assert error_lines(printed) == expected


def test_a_traceback_shrinks_to_its_last_line_and_loses_its_colours() -> None:
    """The frames are ours; the sentence is the user's."""
    text = (
        "error: <{%fg 1%}>Traceback (most recent call last):\n File\nValueError: wrong<{%reset%}>"
    )
    assert told(text) == ["ValueError: wrong"]


def test_steps_say_why_and_whether_it_forces_a_replacement() -> None:
    """By the detailed difference where there is one, else by keys; unchanged ones are silent."""
    heard: list[Progress] = []
    reader = Reader(heard.append)
    detailed = {
        "image": SimpleNamespace(diff_kind="update-replace"),
        "envs[0]": SimpleNamespace(diff_kind="add"),
    }
    reader.hear(event("resource_pre_event", metadata=step("replace", detailed_diff=detailed)))
    reader.hear(event("resource_pre_event", metadata=step("update", keys=["a"], diffs=["b"])))
    reader.hear(event("resource_pre_event", metadata=step("same")))
    reader.hear(event("res_outputs_event", metadata=step("replace")))

    assert [(one.operation, one.reasons) for one in reader.steps] == [
        ("replace", ("envs[0]", "image!")),
        ("update", ("a!", "b")),
    ]
    assert reader.steps[0] == Step("replace", "urn::t::x::radarr", "x", ("envs[0]", "image!"))
    assert heard[-1] == Progress("done", "replace radarr")
    assert len(heard) == 3


def test_pulumis_own_provider_is_no_change() -> None:
    """It is made with the first stack reference: a stack that got a key is still settled."""
    reader = Reader(lambda _: None)
    own = step("create", type="pulumi:providers:pulumi")
    reader.hear(event("resource_pre_event", metadata=own))
    reader.hear(event("summary_event", resource_changes={"create": 1, "same": 4}))

    assert (reader.steps, reader.counts) == ([], {"same": 4})


def test_a_mandatory_violation_is_an_error_and_advice_is_not() -> None:
    """Both are findings."""
    reader = Reader(lambda _: None)
    for level in ("mandatory", "advisory"):
        facts = {"policy_name": "p", "enforcement_level": level, "message": "m", "resource_urn": ""}
        reader.hear(event("policy_event", **facts))

    assert reader.errors == ["p: m"]
    assert reader.findings == [
        PolicyFinding("p", "mandatory", "m"),
        PolicyFinding("p", "advisory", "m"),
    ]
