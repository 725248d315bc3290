"""After an `up` that died: what Pulumi lost, put right step by step.

Observe (`situation.look`), plan (`plan`, pure), execute (`execute`, which decides nothing). No
step touches a volume, a directory of the host, or a container without the stack's label.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Protocol

from typing_extensions import override

from tame_components.domain.base import Frozen
from tame_components.ops import leftovers, stack_yaml
from tame_components.ops.checkpoint import Damage, Files
from tame_components.ops.engine import refusal
from tame_components.ops.errors import RecoveryStopped
from tame_components.ops.project import StackFile
from tame_components.ops.pulumi_cli import PulumiCli
from tame_components.ops.situation import Situation, files_for, refuse_if_busy


class Engine(leftovers.Engine, Protocol):
    """The part of docker.APIClient that is used here."""

    def remove_container(self, container: str, *, v: bool, force: bool) -> None:
        """Docker's `DELETE /containers/ID`."""
        ...

    def remove_network(self, net_id: str) -> None:
        """Docker's `DELETE /networks/ID`."""
        ...


class Do(StrEnum):
    """The kinds of steps, in the order in which they are done."""

    DROP_INDEX = "drop-index"
    PUT_BACK = "put-back"
    BEGIN_ANEW = "begin-anew"
    UNLOCK = "unlock"
    REMOVE_CONTAINER = "remove-container"
    REMOVE_NETWORK = "remove-network"
    REFRESH = "refresh"


class Step(Frozen):
    """One thing to do, and why."""

    do: Do
    subject: str
    """A file, the stack, a container's or network's name."""
    what: str
    cause: str
    id: str = ""
    """The engine's, of a container or network."""

    @override
    def __str__(self) -> str:
        return self.what


class Plan(Frozen):
    """What `tame recover` would do. The JSON is stable: keys are added, never renamed."""

    version: int = 1
    stack: str
    backend: str
    steps: tuple[Step, ...]
    left_alone: tuple[str, ...]
    """What looks wrong too, and why nothing is done about it."""


def plan(seen: Situation) -> Plan:
    """The steps that make the next `pulumi up` go through, each with its cause."""
    steps = [*_mend(seen), *_unlock(seen), *_remove(seen)]
    if steps or seen.pending:
        names = f": {', '.join(seen.pending)}" if seen.pending else ""
        cause = "Pulumi has to look again at what it believes to be there"
        if seen.pending:
            cause = f"Pulumi began to make these and never saw the end{names}"
        what = "`pulumi refresh --clear-pending-creates`"
        steps.append(Step(do=Do.REFRESH, subject=seen.stack, what=what, cause=cause))
    return Plan(
        stack=seen.stack,
        backend=seen.backend,
        steps=tuple(steps),
        left_alone=tuple(_left_alone(seen)),
    )


def _mend(seen: Situation) -> Iterator[Step]:
    if seen.files is None or seen.damage is None:
        return
    name, says = seen.files.checkpoint.name, f"Pulumi says `{seen.complaint}`"
    if seen.damage is Damage.INDEX:
        yield Step(
            do=Do.DROP_INDEX,
            subject=str(seen.files.index),
            what=f"remove `{seen.files.index.name}`, which Pulumi does not need",
            cause=f"{says}: it was killed while it wrote this file",
        )
    elif seen.damage is Damage.CHECKPOINT:
        absent = seen.complaint.startswith("no stack named")
        rather = ", or somebody used `pulumi stack rm`" if absent else ""
        yield Step(
            do=Do.PUT_BACK,
            subject=str(seen.files.checkpoint),
            what=f"put `{seen.files.backup.name}` back as `{name}`; a broken one is kept as "
            f"`{name}.broken`",
            cause=f"{says}: it was killed while it wrote{rather}",
        )
    else:
        yield Step(
            do=Do.BEGIN_ANEW,
            subject=str(seen.files.checkpoint),
            what=f"`pulumi stack init {seen.stack}`; `{name}` is kept as `{name}.broken`",
            cause=f"{says}, and no whole checkpoint is left to go back to",
        )


def _unlock(seen: Situation) -> Iterator[Step]:
    if seen.locks:
        who = ", ".join(f"process {one.pid} (since {one.since})" for one in seen.locks if one.pid)
        yield Step(
            do=Do.UNLOCK,
            subject=seen.stack,
            what=f"`pulumi cancel {seen.stack}`",
            cause=f"the stack is locked by {who or 'a lock that is half written'}, which has ended",
        )


_REMOVE = {"container": Do.REMOVE_CONTAINER, "network": Do.REMOVE_NETWORK}


def _remove(seen: Situation) -> Iterator[Step]:
    cause = "it has the stack's label, and Pulumi had no time to write it down"
    if seen.damage is Damage.BOTH:
        cause = "the state that knew it is lost; the next `up` makes it anew"
    elif not seen.knows:
        cause = (
            "it has the stack's label, and Pulumi's state is empty; stop here if the state is kept "
            f"in another backend than `{seen.backend}`"
        )
    for one in seen.leftovers:
        if not one.keep:
            yield Step(
                do=_REMOVE[one.kind],
                subject=one.name,
                what=f"remove the {one.kind} `{one.name}` ({one.id[:12]})",
                cause=cause,
                id=one.id,
            )


def _left_alone(seen: Situation) -> Iterator[str]:
    for one in seen.leftovers:
        if one.keep:
            yield f"the {one.kind} `{one.name}` ({one.id[:12]}), unknown to Pulumi: {one.keep}"
    if seen.files is None:
        yield (
            f"checkpoint and locks in `{seen.backend}`: only Pulumi's file backend can be looked "
            f"into; where Pulumi says that the stack is locked, `pulumi cancel {seen.stack}`"
        )


def execute(steps: Plan, stack: StackFile, engine: Engine, tell: Callable[[Step], None]) -> None:
    """Do each step, in order; *tell* is called before each.

    Interrupted anywhere, the next `look` finds what is left to do.

    Raises:
        StackBusy: a Pulumi has begun to work on the stack since it was looked at.
        RecoveryStopped: a step failed; those before it are done.
    """
    pulumi = PulumiCli(stack.path.parent)
    files = files_for(stack, steps.backend)
    refuse_if_busy(stack, files)
    for step in steps.steps:
        tell(step)
        try:
            _do(step, stack, pulumi, files, engine)
        except OSError as error:  # docker's errors are requests' errors, which are OSErrors
            if getattr(getattr(error, "response", None), "status_code", None) != _GONE:
                why = refusal(error)
                raise RecoveryStopped(step.what, why) from error


_GONE = 404


def _do(
    step: Step, stack: StackFile, pulumi: PulumiCli, files: Files | None, engine: Engine
) -> None:
    if step.do is Do.REMOVE_CONTAINER:
        engine.remove_container(step.id, v=False, force=True)
    elif step.do is Do.REMOVE_NETWORK:
        engine.remove_network(step.id)
    elif step.do is Do.DROP_INDEX and files:
        files.drop_index()
    elif step.do is Do.PUT_BACK and files:
        files.put_back()
    elif step.do is Do.BEGIN_ANEW and files:
        files.clear()
        _pulumi(step, pulumi, "stack", "init", stack.stack, "--no-select", *_provider(stack))
    elif step.do is Do.UNLOCK:
        _pulumi(step, pulumi, "cancel", stack.stack, "--yes")
    elif step.do is Do.REFRESH:
        flags = ("--yes", "--skip-preview", "--clear-pending-creates", "--stack", stack.stack)
        _pulumi(step, pulumi, "refresh", *flags)


def _pulumi(step: Step, pulumi: PulumiCli, *arguments: str) -> None:
    said = pulumi.run(*arguments)
    if not said.well:
        raise RecoveryStopped(step.what, said.why)


def _provider(stack: StackFile) -> tuple[str, ...]:
    """Pulumi would otherwise choose its default, and lose the way to the file's secrets."""
    provider = stack_yaml.read(stack.path.read_text("utf-8")).get("secretsprovider")
    return ("--secrets-provider", str(provider)) if provider else ()
