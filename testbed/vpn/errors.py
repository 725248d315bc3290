"""What can be wrong with the rehearsal's VPN."""

from tame_components.domain.errors import RehearsalError


class ProviderSilent(RehearsalError):
    """The rehearsal VPN provider was started and does not do its part."""

    code = "TAME742"

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(f"the rehearsal VPN provider does not work: {why}", hint=hint)
