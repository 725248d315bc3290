"""Errors of taking over a running stack.

AdoptionError (TAME81x)  OldProjectUnclear  StateInTheWay  CopyDiffers  AdoptionStopped
                         NotYetReplaced
"""

from collections.abc import Mapping, Sequence

from tame_components.domain.errors import TameError, listed


class AdoptionError(TameError):
    """A running stack cannot be taken over as planned."""


class OldProjectUnclear(AdoptionError):
    """More than one Compose project on the engine comes from the files."""

    code = "TAME811"

    def __init__(self, file: str, projects: Sequence[str]) -> None:
        super().__init__(
            f"`{file}` runs as more than one Compose project: {listed(projects)}",
            hint="write `name:` at the top of the file, or COMPOSE_PROJECT_NAME into its `.env`",
        )


class StateInTheWay(AdoptionError):
    """A state directory of the new stack holds something else already."""

    code = "TAME812"

    def __init__(self, target: str, source: str, why: str) -> None:
        super().__init__(
            f"`{target}` is there already and is no copy of {source}: {why}; it was not touched",
            hint="look whose it is; move it away, or choose another `tame:config_root`, and run "
            "this again",
        )


class CopyDiffers(AdoptionError):
    """A copy of a state directory is not like what it was made of."""

    code = "TAME813"

    def __init__(self, target: str, source: str, why: str) -> None:
        super().__init__(
            f"the copy in `{target}` differs from {source}: {why}",
            hint=f"the old state is as it was; see that nothing writes to it and that the disk "
            f"has room, remove `{target}`, and run this again",
        )


class AdoptionStopped(AdoptionError):
    """A step could not be done."""

    code = "TAME814"

    def __init__(self, step: str, why: str) -> None:
        super().__init__(
            f"stopped at this step: {step}: {why}",
            hint="what was done before it stays done; put right what it names and run the same "
            "command again",
        )


class NotYetReplaced(AdoptionError):
    """Old containers may not go while the new ones do not run in their place."""

    code = "TAME815"

    def __init__(self, services: Mapping[str, str]) -> None:
        lines = "".join(f"\n  {name}: {why}" for name, why in sorted(services.items()))
        super().__init__(
            f"no old container was removed, because the new stack does not do its work:{lines}",
            hint="`pulumi up` starts it, `tame status` says how it is; then run this again",
        )
