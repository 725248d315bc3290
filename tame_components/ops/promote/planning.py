"""From a preview to what a promotion would do, in words. Pure."""

from tame_components.domain.base import Frozen
from tame_components.domain.topology import Topology
from tame_components.ops.blast_radius import BlastRadius, blast_radius
from tame_components.ops.deployer import Outcome


class Plan(Frozen):
    """What `tame promote` would do. The JSON is stable: keys are added, never renamed."""

    version: int = 1
    stack: str
    release: str
    previous: str | None
    """What a rollback comes back to. None: the stack is empty."""
    radius: BlastRadius
    advice: tuple[str, ...]
    """What policies advise; what they forbid is an error before there is a plan."""
    seconds: float | None
    """How long the last promotion took, from the first change to the proof."""

    @property
    def empty(self) -> bool:
        """Whether everything is as it is asked for."""
        return not self.radius.services and not self.radius.others

    @property
    def snapshotted(self) -> tuple[str, ...]:
        """The services whose state is snapshotted first."""
        return tuple(one.service for one in self.radius.services if one.snapshot)


def plan_of(
    topology: Topology,
    preview: Outcome,
    *,
    release: str,
    previous: str | None,
    seconds: float | None,
) -> Plan:
    """What *preview* means for the services of *topology*."""
    return Plan(
        stack=topology.stack,
        release=release,
        previous=previous,
        radius=blast_radius(topology, preview),
        advice=tuple(
            dict.fromkeys(
                f"{one.policy}: {one.message.splitlines()[-1]}"  # after the rule's own sentence
                for one in preview.findings
                if one.message
            )
        ),
        seconds=seconds,
    )
