"""Errors of promotions.

DeploymentError    PromotionBusy  NoWayBack  ImageMissing  ReleaseHeld  PromotionUndone
                   RollbackFailed  NotSettled  JournalBroken  ReleaseUnknown  StatesMissing
                   RollbackUndone  NothingToRevert
"""

from collections.abc import Iterable, Mapping

from tame_components.domain.errors import DeploymentError, listed


class PromotionBusy(DeploymentError):
    """Another verb changes what the stack runs."""

    code = "TAME851"

    def __init__(self, stack: str, holder: str) -> None:
        super().__init__(
            f"`{stack}` is being changed by {holder}",
            hint="wait for it; `tame promote` and `tame rollback` wait with `--wait SECONDS`",
        )


class NoWayBack(DeploymentError):
    """What runs now could not be brought back, so nothing is started."""

    code = "TAME852"

    def __init__(self, stack: str, why: str) -> None:
        super().__init__(
            f"`{stack}` could not be rolled back: {why}; nothing was changed",
            hint="with what runs deployed and `pulumi up` having nothing to change, "
            f"`tame promote --record {stack}` makes it the release to come back to",
        )


class ImageMissing(DeploymentError):
    """An image cannot be had, or is not what its digest says."""

    code = "TAME853"

    def __init__(self, image: str, why: str) -> None:
        super().__init__(
            f"cannot get the image `{image}`: {why}; nothing was stopped",
            hint="`docker pull` of the same name shows more; correct the pin, or wait for the "
            "registry",
        )


class ReleaseHeld(DeploymentError):
    """A release that had to be rolled back is asked for again."""

    code = "TAME854"

    def __init__(self, stack: str, release: str, why: str) -> None:
        super().__init__(
            f"release `{release}` was rolled back from `{stack}`, and is held: {why}",
            hint="move the pin or the setting that broke it, or let `tame revert` take its commit "
            "back on a branch; another release is not held",
        )


class PromotionUndone(DeploymentError):
    """A promotion failed, and the release from before runs again."""

    code = "TAME855"

    def __init__(self, stack: str, release: str, why: str, previous: str) -> None:
        super().__init__(
            f"the promotion of `{release}` to `{stack}` was undone: {why}; release `{previous}` "
            "runs again, with its databases",
            hint="the evidence and the incident are on disk, `tame promote --list` names them; "
            "the release is held until its pin moves",
        )


class RollbackFailed(DeploymentError):
    """Neither release is proved to run."""

    code = "TAME856"

    def __init__(self, stack: str, why: str) -> None:
        super().__init__(
            f"the rollback of `{stack}` is not complete: {why}",
            hint="mend what it names and run `tame promote` again: it goes on where it stopped; "
            "every snapshot is kept",
        )


class NotSettled(DeploymentError):
    """What runs is not what the settings say, so it cannot be recorded."""

    code = "TAME857"

    def __init__(self, stack: str, changes: Iterable[str]) -> None:
        super().__init__(
            f"`pulumi up` would still change `{stack}`: {listed(changes)}",
            hint=f"deploy first: `pulumi up -s {stack}`",
        )


class JournalBroken(DeploymentError):
    """The note of an interrupted promotion cannot be read."""

    code = "TAME858"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"cannot read the journal `{path}` of an interrupted promotion: {why}",
            hint="look at the stack with `tame status`, deploy what should run, then remove it",
        )


class ReleaseUnknown(DeploymentError):
    """There is no such release to roll back to."""

    code = "TAME859"

    def __init__(self, stack: str, asked: str | None, known: Iterable[str]) -> None:
        what = f"no recorded release `{asked}`" if asked else "no recorded release before this one"
        super().__init__(
            f"`{stack}` has {what}; {listed(known)}",
            hint=f"`tame rollback {stack} --list` shows them",
        )


class StatesMissing(DeploymentError):
    """Databases that have to go back have no snapshot."""

    code = "TAME860"

    def __init__(self, stack: str, release: str, services: Mapping[str, str]) -> None:
        lines = "".join(f"\n  {name}: {why}" for name, why in sorted(services.items()))
        super().__init__(
            f"`{stack}` cannot go back to release `{release}` with its databases; "
            f"nothing was stopped:{lines}",
            hint="choose another release, or `--keep-databases` if you know that the older "
            "applications can read what the newer ones wrote",
        )


class RollbackUndone(DeploymentError):
    """A rollback failed, and the release that ran before runs again."""

    code = "TAME861"

    def __init__(self, stack: str, release: str, why: str, previous: str) -> None:
        super().__init__(
            f"the rollback of `{stack}` to `{release}` was undone: {why}; release `{previous}` "
            "runs again, with its databases",
            hint="the evidence and the incident are on disk, `tame rollback --list` names them",
        )


class NothingToRevert(DeploymentError):
    """A release is held, and no commit can be taken back for it."""

    code = "TAME862"

    def __init__(self, stack: str, release: str, why: str) -> None:
        super().__init__(
            f"release `{release}` is held on `{stack}`, and no commit can be taken back: {why}",
            hint="move the pin or the setting by hand; in a clone of the last commit alone, "
            "`git fetch --unshallow` brings the others",
        )
