"""What a deployment would do to the services that people use, from what Pulumi would do."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from tame_components.domain.base import Frozen
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.ops.deployer import UNCHANGED, Outcome, Step


class Effect(StrEnum):
    """What happens to a service."""

    NEW = "new"
    RECREATED = "recreated"
    CHANGED = "changed while it runs"
    REMOVED = "removed"


class Touched(Frozen):
    """One service that does not stay as it is."""

    service: str
    effect: Effect
    why: tuple[str, ...]
    """In words; empty for what is new or gone."""
    downtime: tuple[int, int]
    """Seconds that it is away: at least, and at most by the catalog."""
    snapshot: bool
    """Whether its state is worth a snapshot before that."""


class BlastRadius(Frozen):
    """Everything that a deployment touches."""

    services: tuple[Touched, ...]
    others: tuple[str, ...]
    """Resources that are no service's, e.g. networks, with what happens to them."""

    @property
    def downtime(self) -> tuple[int, int]:
        """Seconds until all is back, at least and at most: services are replaced side by side."""
        away = [one.downtime for one in self.services if one.effect is Effect.RECREATED]
        return (
            max((least for least, _ in away), default=0),
            max((most for _, most in away), default=0),
        )


_WORDS = {
    "image": "another image",
    "envs": "another environment",
    "labels": "other labels",
    "volumes": "other mounts",
    "ports": "other ports",
    "networksAdvanced": "other networks",
    "networkMode": "another network namespace: it follows its VPN gateway",
    "uploads": "other files or secrets",
    "healthcheck": "another probe",
    "memory": "another memory limit",
    "memorySwap": "another memory limit",
    "devices": "other devices",
    "groupAdds": "other groups",
    "command": "another command",
    "user": "another user",
    "capabilities": "other capabilities",
    "restart": "another restart policy",
}
_CONTAINER = "-container"
_MINUTE = 60
_LEAST_STOP = 2
"""Seconds that a container needs to stop and start at the very least."""


def blast_radius(topology: Topology, outcome: Outcome) -> BlastRadius:
    """What *outcome*, of a preview, means for the services of *topology*."""
    steps: dict[str, list[Step]] = {}
    others: dict[str, set[str]] = {}
    for step in outcome.steps:
        if step.operation in UNCHANGED:
            continue
        if step.type == "docker:index/container:Container" and step.name.endswith(_CONTAINER):
            steps.setdefault(step.name.removesuffix(_CONTAINER), []).append(step)
        elif not step.type.startswith(("tame:", "pulumi:")):
            others.setdefault(step.name, set()).add(step.operation)
    touched = (_touched(name, topology.find(name), found) for name, found in sorted(steps.items()))
    return BlastRadius(
        services=tuple(touched),
        others=tuple(f"{name}: {_bare(_effect(found))}" for name, found in sorted(others.items())),
    )


def in_words(downtime: tuple[int, int]) -> str:
    """E.g. `2 s to 4 min`; `-` where nothing is away."""
    least, most = downtime
    return f"{_time(least)} to {_time(most)}" if most else "-"


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 2 * _MINUTE else f"{round(seconds / _MINUTE)} min"


def _touched(name: str, service: Service | None, steps: list[Step]) -> Touched:
    effect = _effect({step.operation for step in steps})
    keeps = service is not None and service.backed_up
    snapshot = keeps and effect in {Effect.RECREATED, Effect.REMOVED}
    return Touched(
        service=name,
        effect=effect,
        why=tuple(_why(steps)) if effect in {Effect.RECREATED, Effect.CHANGED} else (),
        downtime=_downtime(service) if effect is Effect.RECREATED else (0, 0),
        snapshot=snapshot,
    )


def _effect(operations: Iterable[str]) -> Effect:
    kinds = set(operations)
    if any("replace" in one for one in kinds) or {"create", "delete"} <= kinds:
        return Effect.RECREATED
    if "create" in kinds:
        return Effect.NEW
    return Effect.REMOVED if "delete" in kinds else Effect.CHANGED


def _bare(effect: Effect) -> str:
    """Of what does not run."""
    return "changed" if effect is Effect.CHANGED else effect.value


def _why(steps: Iterable[Step]) -> Iterator[str]:
    said = set()
    for step in steps:
        for path in step.reasons:
            top = path.rstrip("!").split(".")[0].split("[")[0]
            words = _WORDS.get(top, f"`{top}` changes")
            if words not in said:
                said.add(words)
                yield words


def _downtime(service: Service | None) -> tuple[int, int]:
    if service is None:
        return (_LEAST_STOP, _LEAST_STOP)
    start = service.app.probe.timing.start_period if service.app.probe else 0
    return (_LEAST_STOP, service.app.stop_grace + start)
