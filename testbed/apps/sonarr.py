"""Sonarr."""

from testbed.apps.library import LIBRARY_TABLES, TITLE, Library


class StandIn(Library):
    """System, health, root folders, quality profiles and series; no wires, searches or imports."""

    title = "Sonarr"
    migration = 217
    noun = "series"
    table = "Series"
    foreign = "tvdbId"
    tables = {**LIBRARY_TABLES, "Series": TITLE}  # noqa: RUF012 - never changed
