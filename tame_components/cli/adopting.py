"""`tame import --adopt`: the plan first, then a question, then what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tame_components.cli import INTERRUPTED, NOT_WELL, OK
from tame_components.cli.questions import agreed, somebody_answers
from tame_components.cli.screen import note, say, say_json
from tame_components.compose.adopting import old_stack, said_secrets
from tame_components.compose.carried import STATE
from tame_components.compose.errors import WouldOverwrite
from tame_components.compose.importing import Imported
from tame_components.compose.loading import Project
from tame_components.compose.settings_file import settings_file
from tame_components.ops.adopt.carrying_out import Adoption, Outcome
from tame_components.ops.adopt.given import Given
from tame_components.ops.adopt.looking import look
from tame_components.ops.adopt.model import Old, Plan, Step
from tame_components.ops.adopt.observed import observed
from tame_components.ops.adopt.planning import plan
from tame_components.ops.adopt.settings import standing
from tame_components.ops.engine import connect
from tame_components.ops.errors import ProjectMissing
from tame_components.ops.project import find_project


if TYPE_CHECKING:
    import docker


_DOCKER_GID = "tame:identity.docker_gid"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says about the adoption."""

    files: Sequence[Path]
    yes: bool
    old: Old
    force: bool
    json: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """A plan with what it takes to carry it out."""

    plan: Plan
    imported: Imported
    project: Project
    engine: "docker.APIClient"


def run(cwd: Path, imported: Imported, project: Project, wanted: Wanted) -> int:
    """Plan and, where it is wanted, carry out; 3 where something is left to do."""
    ready = _ready(cwd, imported, project, wanted)
    if not wanted.json:
        for line in _told(ready):
            say(line)
    old = _agreed(ready.plan, wanted)
    outcome = _carried_out(ready, old) if old else None
    if old and outcome is None:
        return INTERRUPTED
    if wanted.json:
        say_json(_data(ready, outcome))
    elif outcome:
        for line in _result(ready.plan, outcome):
            say(line)
    if imported.problem is not None:
        note(f"not yet: {imported.problem}")
    well = not outcome.left if outcome else not ready.plan.left
    return OK if well and imported.problem is None else NOT_WELL


def _ready(cwd: Path, imported: Imported, project: Project, wanted: Wanted) -> _Ready:
    old = old_stack(imported, project, wanted.files)
    file = _root(cwd) / f"Pulumi.{imported.stack}.yaml"
    stands = standing(file, imported.stack, imported.settings)
    if stands.state == "foreign" and not wanted.force:
        raise WouldOverwrite(str(file))
    kept = stands.state == "differs" and not wanted.force
    engine = connect(str((stands.values if kept else imported.settings)["engine"]))
    found = look(old, engine)
    imported = _seen(imported, observed(imported.settings, old, found, engine))
    stands = standing(file, imported.stack, imported.settings)
    kept = stands.state == "differs" and not wanted.force
    if kept:  # its owner's word counts; what the import found is in the plan
        imported = replace(imported, problem=None, todo=())
    given = Given(
        old=old,
        found=found,
        file=file,
        becomes=_becomes(stands.state, kept=kept),
        settings=stands.values if kept else imported.settings,
        differs=stands.differs,
        stored=stands.stored,
    )
    return _Ready(plan(given, engine), imported, project, engine)


def _root(cwd: Path) -> Path:
    try:
        return find_project(cwd).root
    except ProjectMissing:  # a plan needs none; carrying it out says so
        return cwd.absolute()


def _seen(imported: Imported, settings: dict[str, Any]) -> Imported:
    """*imported* with *settings*, and without the questions that they answer."""
    known = settings["identity"].get("docker_gid") != imported.settings["identity"]["docker_gid"]
    todo = tuple(
        one
        for one in imported.todo
        if not (known and one.key == _DOCKER_GID) and not one.key.endswith(STATE)
    )
    return replace(imported, settings=settings, todo=todo)


def _becomes(state: str, *, kept: bool) -> Any:  # noqa: ANN401 - one of four words
    if state in {"none", "same"}:
        return {"none": "write", "same": "same"}[state]
    return "kept" if kept else "replace"


def _agreed(plan: Plan, wanted: Wanted) -> Old | None:
    """What may be done with the old containers; None: nothing at all is done."""
    if wanted.yes or wanted.old != "keep":
        return wanted.old
    if not plan.left:
        return None
    if wanted.json or not somebody_answers():
        note("nothing was changed: nobody can be asked here; `--yes` does what is planned")
        return None
    note("")
    if not agreed("do these steps now? Nothing is stopped or removed by this", default=False):
        return None
    running = any(one.running for one in plan.victims)
    copies = any(not one.ready for one in plan.moves)
    question = "also stop the old containers now, so that their state can be copied?"
    return "stop" if running and copies and agreed(question, default=False) else "keep"


def _carried_out(ready: _Ready, old: Old) -> Outcome | None:
    """None: Ctrl-C; whatever is done stays done, and a second run goes on."""
    adoption = Adoption(
        plan=ready.plan,
        text=settings_file(ready.imported),
        said=said_secrets(ready.imported),
        engine=ready.engine,
        tell=note,
    )
    try:
        return adoption.run(old)
    except KeyboardInterrupt:
        note("\ninterrupted; what is done stays done: run the same command to go on")
        return None


def _told(ready: _Ready) -> Iterator[str]:
    from tame_components.cli.importing import notes  # noqa: PLC0415 - they share the words

    yield from notes(ready.imported, secrets=False)
    yield from ("", f"to adopt the running stack as `{ready.plan.stack}`:")
    for number, step in enumerate(ready.plan.steps, 1):
        yield from _lines(number, step)


_WHO = {
    "tame": "",
    "old-stop": " (only with `--old stop`)",
    "old-remove": " (only with `--old remove`)",
    "you": "",
}


def _lines(number: int, step: Step) -> Iterator[str]:
    who = f"{step.service}: " if step.service else ""
    done = "done: " if step.done and step.kind != "note" else ""
    only = "" if step.done else _WHO[step.by]
    yield f"  {number}. {step.kind}: {done}{who}{step.what}{only}"
    if step.command and not step.done:
        yield f"       {'by hand' if step.by != 'you' else 'run'}: {step.command}"


def _result(plan: Plan, outcome: Outcome) -> Iterator[str]:
    yield ""
    yield from outcome.done
    if outcome.left:
        yield from ("", "left:", *(f"  {one}" for one in outcome.left))
    yield ""
    yield f"next: `tame config {plan.stack}`, then `pulumi preview -s {plan.stack}`"


def _data(ready: _Ready, outcome: Outcome | None) -> dict[str, Any]:
    from tame_components.cli.importing import data  # noqa: PLC0415 - they share the keys

    return {
        **data(ready.imported, Path(ready.plan.file)),
        "plan": [one.model_dump(mode="json") for one in ready.plan.steps],
        "executed": outcome is not None,
        "done": list(outcome.done) if outcome else [],
        "left": list(outcome.left) if outcome else [one.what for one in ready.plan.left],
    }
