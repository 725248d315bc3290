"""How far a promotion has come, and what that means for who finds it interrupted. Pure.

preparing --> restoring --> deploying --> proving --> (done: the journal goes)
    |             |             |            |
    |             +---------> undoing <------+    --> (done: the journal goes)
    +---------------------> deploying                 (a promotion restores nothing)
"""

from enum import StrEnum
from typing import Self

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.ops.promote.history import Verb


class Phase(StrEnum):
    """Written down before anything of it is done."""

    PREPARING = "preparing"
    """Images and snapshots: whoever is interrupted here has changed nothing for good."""
    RESTORING = "restoring"
    """Databases of the release that a rollback leads to."""
    DEPLOYING = "deploying"
    PROVING = "proving"
    UNDOING = "undoing"


class Resumption(StrEnum):
    """What an interrupted promotion needs."""

    AFRESH = "afresh"
    """Forget it."""
    FORWARD = "forward"
    """Deploy again, which changes only what is left, and prove."""
    BACK = "back"
    """Undo it, or go on undoing it."""


_AFTER = {
    Phase.PREPARING: frozenset({Phase.RESTORING, Phase.DEPLOYING}),
    Phase.RESTORING: frozenset({Phase.DEPLOYING, Phase.UNDOING}),
    Phase.DEPLOYING: frozenset({Phase.PROVING, Phase.UNDOING}),
    Phase.PROVING: frozenset({Phase.UNDOING}),
    Phase.UNDOING: frozenset[Phase](),
}


class Journal(Frozen):
    """One promotion or rollback that is not finished."""

    version: int = 1
    verb: Verb = Verb.PROMOTE
    stack: str
    release: str
    """The id of what is promoted, or rolled back to."""
    previous: str | None
    """The id of what ran before. None: the stack was empty."""
    phase: Phase = Phase.PREPARING
    snapshots: dict[str, str] = Field(default_factory=dict)
    """By service: its state before anything was changed, which undoing brings back."""
    restores: dict[str, str] = Field(default_factory=dict)
    """By service: the snapshot that a rollback gives it."""
    reason: str = ""
    """Why it is undone."""
    refuted: str = ""
    """The file of the gate's run that speaks against the release; empty: it was not asked."""
    program: str | None = None
    """The revision of the programs that began it."""
    hold: bool = True
    """Whether the release is held once it is undone; not where a person only changed their mind."""
    started: str

    def to(self, phase: Phase, reason: str = "") -> Self:
        """The journal of the next phase; the same one again is no step.

        Raises:
            ValueError: the phase cannot follow.
        """
        if phase is not self.phase and phase not in _AFTER[self.phase]:
            raise ValueError(f"`{phase}` cannot follow `{self.phase}`")
        return self.model_copy(update={"phase": phase, "reason": reason or self.reason})

    def saved(self, service: str, snapshot: str) -> Self:
        """The journal after *snapshot* of *service* was made."""
        return self.model_copy(update={"snapshots": {**self.snapshots, service: snapshot}})

    def resumption(self, wanted: str) -> Resumption:
        """What to do about it when *wanted* is to be promoted now.

        A half-way release that nobody wants any more is taken back first: the one that is wanted
        must start from what is proved. A rollback is nobody's setting: it goes on.
        """
        if self.phase is Phase.PREPARING:
            return Resumption.AFRESH
        if self.phase is Phase.UNDOING:
            return Resumption.BACK
        if self.verb is Verb.PROMOTE and self.release != wanted:
            return Resumption.BACK
        return Resumption.FORWARD
