"""The plan after a killed `up`: each step with its cause, and nothing more than that is done."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tame_components.ops import situation as observed
from tame_components.ops.checkpoint import Damage, Files
from tame_components.ops.errors import RecoveryStopped, StackBusy, StackUnreadable
from tame_components.ops.leftovers import Leftover
from tame_components.ops.project import StackFile, find_project
from tame_components.ops.recover import Do, Step, execute, plan
from tame_components.ops.situation import look
from tests.ops.wreck import LOCK, Engine, FakePulumi, situation


RADARR = Leftover(kind="container", name="test-radarr", id="1" * 64)
NET = Leftover(kind="network", name="test-net", id="2" * 64)


def _kinds(**changes: Any) -> list[Do]:
    return [step.do for step in plan(situation(**changes)).steps]


def test_nothing_wrong_is_an_empty_plan() -> None:
    """A healthy stack is not even refreshed."""
    assert plan(situation()).steps == ()


@pytest.mark.parametrize(
    ("damage", "first"),
    [
        (Damage.INDEX, Do.DROP_INDEX),
        (Damage.CHECKPOINT, Do.PUT_BACK),
        (Damage.BOTH, Do.BEGIN_ANEW),
    ],
)
def test_the_order_is_files_lock_engine_refresh(damage: Damage, first: Do) -> None:
    """Pulumi loads the checkpoint to unlock, and refreshes what it then knows."""
    files = Files(Path("/s/test.json"), Path("/s/locks"))
    assert _kinds(
        files=files, complaint="EOF", damage=damage, locks=(LOCK,), leftovers=(RADARR, NET)
    ) == [first, Do.UNLOCK, Do.REMOVE_CONTAINER, Do.REMOVE_NETWORK, Do.REFRESH]


def test_every_step_says_why() -> None:
    """The cause names what was seen: Pulumi's complaint, the process, the resources."""
    files = Files(Path("/s/test.json"), Path("/s/locks"))
    wreck = situation(
        files=files,
        complaint="failed to load checkpoint: EOF",
        damage=Damage.INDEX,
        locks=(LOCK,),
        pending=("media-net",),
        leftovers=(RADARR,),
    )

    causes = {step.do: step.cause for step in plan(wreck).steps}

    assert "failed to load checkpoint: EOF" in causes[Do.DROP_INDEX]
    assert str(LOCK.pid) in causes[Do.UNLOCK]
    assert "no time to write it down" in causes[Do.REMOVE_CONTAINER]
    assert "media-net" in causes[Do.REFRESH]


def test_an_empty_state_is_a_warning() -> None:
    """Who is logged in to the wrong backend reads it before a container is gone."""
    (step, _) = plan(situation(leftovers=(RADARR,), knows=0)).steps

    assert "stop here if the state is kept in another backend than `file:///state`" in step.cause


def test_a_lost_state_says_that_containers_are_made_anew() -> None:
    """The reader learns what becomes of what is removed; no other backend is suspected."""
    files = Files(Path("/s/test.json"), Path("/s/locks"))
    wreck = {"files": files, "complaint": "EOF", "damage": Damage.BOTH, "knows": 0}

    steps = plan(situation(leftovers=(RADARR,), **wreck)).steps

    (removal,) = [step for step in steps if step.do is Do.REMOVE_CONTAINER]
    assert "the next `up` makes it anew" in removal.cause


@pytest.mark.parametrize(
    ("complaint", "expected"), [("no stack named 'test' found", True), ("EOF", False)]
)
def test_a_removed_stack_is_not_called_back_unawares(complaint: str, *, expected: bool) -> None:
    """`pulumi stack rm` leaves the checkpoint before, as a kill between two writes does."""
    files = Files(Path("/s/test.json"), Path("/s/locks"))

    (step, _) = plan(situation(files=files, complaint=complaint, damage=Damage.CHECKPOINT)).steps

    assert ("pulumi stack rm" in step.cause) is expected


def test_what_must_stay_is_told_and_not_removed() -> None:
    """A container of another stack with the same name is no step."""
    steps = plan(situation(leftovers=(RADARR.model_copy(update={"keep": "another stack"}),)))

    assert steps.steps == ()
    assert any("`test-radarr`" in one and "another stack" in one for one in steps.left_alone)


def test_another_backend_is_said_to_be_left_alone() -> None:
    """Its checkpoint and its locks are not ours to touch."""
    (told,) = plan(situation(backend="s3://bucket")).left_alone

    assert "`s3://bucket`" in told
    assert "pulumi cancel test" in told


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    """A `pulumi` on PATH that answers as the real one, with a file backend in *tmp_path*."""
    fake = FakePulumi(tmp_path)
    monkeypatch.setenv("PATH", f"{fake.folder}{os.pathsep}{os.environ['PATH']}")
    return fake


@pytest.fixture
def stack(pulumi: FakePulumi) -> StackFile:
    """The stack `test` in a project of its own."""
    return find_project(pulumi.project).stack_file("test")


def test_a_look_sees_what_is_there(stack: StackFile, pulumi: FakePulumi) -> None:
    """Ids, pending creations, leftovers; nothing is run that changes anything."""
    pulumi.state(
        resources=[{"urn": "a::net", "id": "id-net"}, {"urn": "a::component"}],
        pending_operations=[{"resource": {"urn": "a::radarr"}, "type": "creating"}],
    )

    seen = look(stack, Engine("radarr"))

    assert (seen.knows, seen.pending) == (1, ("radarr",))
    assert [one.name for one in seen.leftovers] == ["test-radarr"]
    assert (seen.complaint, seen.damage, seen.locks) == ("", None, ())
    assert pulumi.verbs == ["whoami", "stack export"]


def test_a_broken_checkpoint_is_read_through_the_one_before(
    stack: StackFile, pulumi: FakePulumi
) -> None:
    """A dry run already knows which containers the state will know."""
    pulumi.break_state(before={"resources": [{"urn": "a::radarr", "id": "id-radarr"}]})

    seen = look(stack, Engine("radarr", "sonarr"))

    assert seen.damage is Damage.CHECKPOINT
    assert [one.name for one in seen.leftovers] == ["test-sonarr", "test-net"]


def test_a_stack_that_is_not_there_is_an_error(stack: StackFile, pulumi: FakePulumi) -> None:
    """The wrong backend must not make every container of the stack a leftover."""
    pulumi.refuse("stack export", "no stack named 'test' found")

    with pytest.raises(StackUnreadable, match="no stack named 'test' found"):
        look(stack, Engine("radarr"))


def test_a_living_pulumi_is_left_in_peace(
    stack: StackFile, pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither looked past nor unlocked, by a dry run or by an execution that was planned before."""
    pulumi.state(resources=[])
    steps = plan(look(stack, Engine("radarr")))
    engine = Engine("radarr")
    monkeypatch.setattr(observed, "workers", lambda _root, _stack: [4711])

    with pytest.raises(StackBusy, match="process 4711"):
        look(stack, engine)
    with pytest.raises(StackBusy, match="process 4711"):
        execute(steps, stack, engine, lambda _step: None)
    assert engine.removed == []


def test_another_machine_s_lock_is_not_judged(stack: StackFile, pulumi: FakePulumi) -> None:
    """Whether its process lives cannot be seen from here."""
    pulumi.state(resources=[])
    pulumi.lock({"pid": 7, "username": "ann", "hostname": "nas", "timestamp": "2026"})

    with pytest.raises(StackBusy, match="`nas`"):
        look(stack, Engine())


def test_the_executor_does_what_is_planned(stack: StackFile, pulumi: FakePulumi) -> None:
    """In order, each told before it is done; volumes are not asked for."""
    pulumi.break_state(before={"resources": []})
    pulumi.lock({"pid": LOCK.pid, "hostname": ""})
    engine = Engine("radarr")
    steps = plan(look(stack, engine))
    told: list[Step] = []

    execute(steps, stack, engine, told.append)

    assert tuple(told) == steps.steps
    assert engine.removed == ["id-radarr", "id-net"]
    assert pulumi.verbs[2:] == ["cancel test", "refresh --yes"]
    assert json.loads(pulumi.checkpoint.read_text())["checkpoint"]["latest"] == {"resources": []}


def test_a_step_that_fails_stops_the_rest(stack: StackFile, pulumi: FakePulumi) -> None:
    """TAME616 says which, in Pulumi's words."""
    pulumi.state(resources=[])
    pulumi.lock({"pid": LOCK.pid, "hostname": ""})
    pulumi.refuse("cancel", "permission denied")
    engine = Engine("radarr")

    with pytest.raises(RecoveryStopped, match=r"pulumi cancel test.*permission denied"):
        execute(plan(look(stack, engine)), stack, engine, lambda _step: None)
    assert engine.removed == []


def test_what_is_gone_by_itself_is_no_failure(stack: StackFile, pulumi: FakePulumi) -> None:
    """Running it twice at once, or after a `docker rm`, is safe; another refusal is not hidden."""
    pulumi.state(resources=[])
    engine = Engine("radarr", refuses=404)
    steps = plan(look(stack, engine))

    execute(steps, stack, engine, lambda _step: None)

    engine.refuses = 409
    with pytest.raises(RecoveryStopped, match="remove the container `test-radarr`"):
        execute(steps, stack, engine, lambda _step: None)
