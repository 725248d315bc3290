"""Overseerr."""

from testbed.apps.seerr import Seerr


class StandIn(Seerr):
    """Status, settings, the key; no first administrator, no library scan, nothing is requested."""

    title = "Overseerr"
