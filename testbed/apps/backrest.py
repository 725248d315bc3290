"""Backrest."""

from testbed.apps.plain import Plain
from testbed.apps.single import WithDatabase


class StandIn(WithDatabase, Plain):
    """Its page and its database; it takes no snapshot and has no API."""

    health = ("/",)
    pages = {"/": "<title>Backrest</title>"}  # noqa: RUF012 - never changed
