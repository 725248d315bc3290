"""Radarr."""

from testbed.apps.library import LIBRARY_TABLES, TITLE, Library


class StandIn(Library):
    """System, health, root folders, quality profiles and movies; no wires, searches or imports."""

    title = "Radarr"
    migration = 242
    noun = "movie"
    table = "Movies"
    foreign = "tmdbId"
    tables = {**LIBRARY_TABLES, "Movies": TITLE}  # noqa: RUF012 - never changed
