"""offen/docker-volume-backup."""

from testbed.apps.daemon import Daemon


class StandIn(Daemon):
    """The scheduler runs, by name; it writes no archive and asks no engine."""

    process = "backup"
