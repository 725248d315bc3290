"""API calls between services that must work."""

from tame_components.domain.base import Frozen


class Wire(Frozen):
    """`source` calls `target`."""

    source: str
    target: str
    offer: str
    """What the caller wants there, e.g. `torrent-client`."""
    url: str
    """Where the caller finds it. Derived from who can reach whom, never typed."""
    why: str
    back_url: str | None = None
    """Where the target finds the caller, when the target calls back."""
