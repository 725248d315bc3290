"""From a preview to what a promotion would touch, in words. Pure."""

from collections.abc import Iterator

from tame_components.domain.base import Frozen
from tame_components.domain.topology import Topology
from tame_components.ops.deployer import Outcome, Step


_CONTAINER = "docker:index/container:Container"
_SUFFIX = "-container"
_WORDS = {
    "create": "make",
    "update": "change",
    "delete": "remove",
    "replace": "recreate",
    "create-replacement": "recreate",
    "delete-replaced": "recreate",
}


class Touch(Frozen):
    """What happens to one service."""

    service: str
    what: str
    """`make`, `change`, `recreate` or `remove`."""
    because: tuple[str, ...] = ()
    """The properties that changed, e.g. `image`."""
    snapshot: bool = False
    """Whether its state is snapshotted first."""


class Plan(Frozen):
    """What `tame promote` would do. The JSON is stable: keys are added, never renamed."""

    version: int = 1
    stack: str
    release: str
    previous: str | None
    """What a rollback comes back to. None: the stack is empty."""
    touches: tuple[Touch, ...]
    others: tuple[str, ...]
    """Further resources that change, e.g. networks."""
    advice: tuple[str, ...]
    """What policies advise; what they forbid is an error before there is a plan."""
    seconds: float | None
    """How long the last promotion took, from the first change to the proof."""

    @property
    def empty(self) -> bool:
        """Whether everything is as it is asked for."""
        return not self.touches and not self.others

    @property
    def snapshotted(self) -> tuple[str, ...]:
        """The services whose state is snapshotted first."""
        return tuple(one.service for one in self.touches if one.snapshot)


def plan_of(
    topology: Topology,
    preview: Outcome,
    *,
    release: str,
    previous: str | None,
    seconds: float | None,
) -> Plan:
    """What *preview* means for the services of *topology*."""
    touched: dict[str, Touch] = {}
    others: dict[str, str] = {}
    for step in preview.steps:
        if step.type.startswith("pulumi:"):  # the stack itself, and its providers
            continue
        service = _service(step)
        if service is None:
            others[step.name] = f"{_WORDS.get(step.operation, step.operation)} {step.name}"
            continue
        before = touched.get(service)
        because = {*(before.because if before else ()), *_because(step)}
        what = _WORDS.get(step.operation, step.operation)
        touched[service] = Touch(
            service=service,
            what=what,
            because=tuple(sorted(because)),
            snapshot=what != "make" and _keeps(topology, service),
        )
    return Plan(
        stack=topology.stack,
        release=release,
        previous=previous,
        touches=tuple(touched[name] for name in sorted(touched)),
        others=tuple(others[name] for name in sorted(others)),
        advice=tuple(
            dict.fromkeys(
                f"{one.policy}: {one.message.splitlines()[-1]}"  # after the rule's own sentence
                for one in preview.findings
                if one.message
            )
        ),
        seconds=seconds,
    )


def _service(step: Step) -> str | None:
    """The service whose container *step* touches; one that goes is in no topology."""
    if step.type != _CONTAINER:
        return None
    return step.name.removesuffix(_SUFFIX)


def _because(step: Step) -> Iterator[str]:
    for path in step.reasons:
        yield path.rstrip("!").partition(".")[0].partition("[")[0]


def _keeps(topology: Topology, service: str) -> bool:
    found = {one.name: one for one in topology.services}.get(service)
    return found is not None and found.app.state is not None and found.app.state.backup != "none"
