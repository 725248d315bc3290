"""The releases that a stack ran, and what there is to come back to each."""

from tame_components.domain.base import Frozen
from tame_components.ops.promote.history import Verb, changes
from tame_components.ops.promote.stage import Stage


class Listed(Frozen):
    """One tenure of a release. The JSON is stable: keys are added, never renamed."""

    release: str
    since: str
    """When it was proved; ISO 8601, UTC."""
    verb: Verb
    program: str | None
    """The revision of the programs."""
    changes: tuple[str, ...]
    """Against the release before it."""
    snapshots: dict[str, str]
    """By service: the snapshot of its state when the release ran last."""
    gone: tuple[str, ...]
    """The services whose snapshot is not in the repository any more."""
    evidence: str


def listed(stage: Stage) -> tuple[Listed, ...]:
    """Every tenure, the oldest first.

    Raises:
        ResticMissing, RepositoryRefused, PasswordMissing: the snapshots cannot be listed.
    """
    history = stage.places.history()
    there = {one.id for one in stage.snapshots(stage.topology).entries()}
    found = []
    before = None
    for tenure in history.tenures:
        record = stage.places.record(tenure.release)
        if record is None:
            continue
        states = history.states(tenure.release)
        found.append(
            Listed(
                release=record.id,
                since=tenure.since,
                verb=tenure.verb,
                program=record.release.program,
                changes=changes(before.release if before else None, record.release),
                snapshots={name: one for name, one in states.items() if one in there},
                gone=tuple(sorted(name for name, one in states.items() if one not in there)),
                evidence=record.evidence,
            )
        )
        before = record
    return tuple(found)
