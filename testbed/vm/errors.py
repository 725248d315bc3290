"""What can be wrong with the sandbox VM."""

from collections.abc import Sequence
from pathlib import Path

from tame_components.domain.errors import RehearsalError, listed


class VmProgramsMissing(RehearsalError):
    """QEMU, or what builds the machine's disk, is not here."""

    code = "TAME776"

    def __init__(self, programs: Sequence[str], packages: Sequence[str], why: str) -> None:
        super().__init__(
            f"a virtual machine needs {listed(programs)}: {why}",
            hint=f"Debian and Ubuntu: `apt-get install {' '.join(packages)}`; its disk is made of"
            " Debian packages, so the system must be one of the two, and the user root",
        )


class VmImageFailed(RehearsalError):
    """The machine's disk could not be built."""

    code = "TAME777"

    def __init__(self, step: str, said: str) -> None:
        super().__init__(
            f"the machine's disk could not be built: `{step}` failed:\n{said.strip()[-800:]}",
            hint="it needs Debian's archive over the network, root, and 3 GiB of disk; what was"
            " built half is removed, so run this again",
        )


class VmNotBooted(RehearsalError):
    """The machine ended, or nobody answers its ssh port."""

    code = "TAME778"

    def __init__(self, console: Path, why: str, last: str) -> None:
        super().__init__(
            f"the virtual machine did not come up: {why}; its console ends:\n{last}",
            hint=f"`{console}` is the whole console; where KVM is offered and does not work,"
            " `TAME_VM_ACCELERATION=tcg` leaves it out",
        )


class VmStackFailed(RehearsalError):
    """A command failed that works on the stack in the machine."""

    code = "TAME779"

    def __init__(self, command: Sequence[str], code: int) -> None:
        super().__init__(
            f"`{' '.join(command)}` ended with exit code {code}",
            hint="what it said stands above; `ci/vm --keep` leaves the machine running to look at",
        )
