"""What can be wrong when stand-in images are built."""

from collections.abc import Iterable

from tame_components.domain.errors import RehearsalError, listed


class ProgramsMissing(RehearsalError):
    """Programs that go into the images are not installed, and cannot be installed from here."""

    code = "TAME730"

    def __init__(self, programs: Iterable[str], packages: Iterable[str], why: str) -> None:
        super().__init__(
            f"programs for the stand-in images are missing: {listed(programs)}; {why}",
            hint=f"on Debian or Ubuntu `apt-get install {' '.join(sorted(packages))}` brings them",
        )


class NoStandIn(RehearsalError):
    """An application is asked for that no stand-in exists for."""

    code = "TAME731"

    def __init__(self, app: str, known: Iterable[str]) -> None:
        super().__init__(
            f"no stand-in of `{app}`; there are stand-ins of {listed(known)}",
            hint="correct the name, or write `testbed/apps/<app>.py` and a catalog entry",
        )


class ImagesRefused(RehearsalError):
    """The engine did not take the images."""

    code = "TAME732"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(
            f"the Docker engine at `{host}` did not load the stand-in images: {why}",
            hint="see that its disk has 1 GiB free, then run this again",
        )


class FaultUnknown(RehearsalError):
    """A bad release is asked for that no stand-in can play."""

    code = "TAME733"

    def __init__(self, fault: str, known: Iterable[str]) -> None:
        super().__init__(
            f"no such fault: `{fault}`; a stand-in can play {listed(known)}",
            hint="`testbed/apps/faults.py` describes each",
        )
