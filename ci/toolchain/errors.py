"""Why there is no toolchain."""

from collections.abc import Sequence

from tame_components.domain.errors import RehearsalError


class NoPulumi(RehearsalError):
    """None of the ways leads to a `pulumi` that runs."""

    code = "TAME721"

    def __init__(self, refusals: Sequence[str]) -> None:
        lines = "".join(f"\n  {refusal}" for refusal in refusals)
        super().__init__(
            f"no Pulumi command line tool is to be had:{lines}",
            hint="install Pulumi (https://www.pulumi.com/docs/install) or Go, and run this again",
        )


class BuildFailed(RehearsalError):
    """`go build` of the Pulumi CLI failed."""

    code = "TAME722"

    def __init__(self, last_words: str) -> None:
        super().__init__(
            f"building the Pulumi command line tool failed:\n{last_words}",
            hint="if that speaks of the network or the disk (it needs 4 GB for a while), mend it;"
            " else install Pulumi yourself (https://www.pulumi.com/docs/install)",
        )
