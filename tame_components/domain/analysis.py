"""From samples to a verdict, by thresholds that are data: nothing measured is no success."""

from enum import StrEnum

from pydantic import Field

from tame_components.domain.base import Frozen


class Verdict(StrEnum):
    """What a check came to."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    """The stack has nothing that it could be about."""
    INCONCLUSIVE = "inconclusive"
    """It could not be measured well enough; counts neither for the release nor against it."""


class Threshold(Frozen):
    """How many bad samples are borne."""

    least: int = Field(default=1, ge=1)
    """Good or bad samples without which nothing can be said."""
    failures: int = Field(default=0, ge=0)
    """Bad samples that are borne; one more fails."""
    unreadable: int = Field(default=0, ge=0)
    """Samples that could not be taken; one more, and nothing can be said."""


class Counts(Frozen):
    """What was sampled."""

    good: int = 0
    bad: int = 0
    unreadable: int = 0
    """Samples that could not be taken: the engine or the probe did not answer."""

    def judged_by(self, threshold: Threshold) -> Verdict:
        """A failure is a failure however much could not be read; doubt is never a success."""
        if self.bad > threshold.failures:
            return Verdict.FAILED
        if self.unreadable > threshold.unreadable or self.good + self.bad < threshold.least:
            return Verdict.INCONCLUSIVE
        return Verdict.PASSED
