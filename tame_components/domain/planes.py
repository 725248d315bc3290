"""Who may reach a service."""

from enum import StrEnum


class Plane(StrEnum):
    """The plane of exposure that a service lives on."""

    USER = "user"
    """People who watch and request: players and request portals. May be published."""
    OPERATOR = "operator"
    """The person who runs the stack: *arr, dashboards. Never beyond loopback without a login."""
    INTERNAL = "internal"
    """Other services only. Nothing is published."""
