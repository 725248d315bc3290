"""Lidarr."""

from testbed.apps.library import LIBRARY_TABLES, TITLE, Library


class StandIn(Library):
    """System, health, root folders, quality profiles and artists; no wires, searches or imports.

    A root folder needs no profiles here, and an artist's foreign id lies in his own table.
    """

    title = "Lidarr"
    api = "/api/v1"
    migration = 80
    noun = "artist"
    table = "Artists"
    foreign = "foreignArtistId"
    tables = {**LIBRARY_TABLES, "Artists": TITLE}  # noqa: RUF012 - never changed
