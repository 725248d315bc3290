"""Why nothing is measured."""

from collections.abc import Sequence

from tame_components.domain.errors import RehearsalError


_LAST_LINES = 25


class MeasurementFailed(RehearsalError):
    """A command that is measured did not do what it is measured for."""

    code = "TAME771"

    def __init__(self, command: Sequence[str], why: str, printed: str) -> None:
        tail = "\n".join(printed.strip().splitlines()[-_LAST_LINES:])
        super().__init__(
            f"`{' '.join(command)}` {why}; it printed:\n{tail}",
            hint="what was made is removed; the sections printed before this one are good",
        )


class ComposeMissing(RehearsalError):
    """There is no `docker compose` to compare with."""

    code = "TAME772"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"no `docker compose` to compare with; {why}",
            hint="install Docker's compose plugin, or Go, of which it is built then; on Debian"
            " `apt-get install docker-compose` brings the old one",
        )


class AlreadyMeasuring(RehearsalError):
    """Two benchmarks at once would measure each other."""

    code = "TAME773"

    def __init__(self) -> None:
        super().__init__(
            "another benchmark of this checkout is running",
            hint="wait for it: two at once would measure each other",
        )
