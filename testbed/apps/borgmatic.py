"""borgmatic's container: a scheduler."""

from testbed.apps.daemon import Daemon


class StandIn(Daemon):
    """The scheduler runs, by name; it starts no backup. `borgmatic` itself is not in the image."""

    process = "crond"
