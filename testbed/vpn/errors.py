"""What can be wrong with the rehearsal's VPN."""

from tame_components.domain.errors import RehearsalError


class ProgramMissing(RehearsalError):
    """A program that goes into an image is not installed on this machine."""

    code = "TAME741"

    def __init__(self, program: str) -> None:
        super().__init__(
            f"a program for the rehearsal's VPN is missing: `{program}`",
            hint="run `apt-get install wireguard-go wireguard-tools iptables iproute2 wget`",
        )


class ProviderSilent(RehearsalError):
    """The rehearsal VPN provider was started and does not do its part."""

    code = "TAME742"

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(f"the rehearsal VPN provider does not work: {why}", hint=hint)
