"""What a stack of everything there is looks like: the facts that rehearsal and tests share."""

from collections.abc import Iterable
from typing import Any


APART: dict[str, dict[str, Any]] = {
    "emby": {"publish": 8097},
    "nginx-proxy-manager": {"publish": 8088},
    "overseerr": {"publish": 5155},
    "seerr": {"publish": 5255},
    "traefik": {"publish": 8089},
}
"""Services whose own port another one of the catalog has, or that only root may publish."""

BACKUP: dict[str, Any] = {"tool": "borgmatic", "remote": "offsite:tame"}
REMOTE_ACCESS: dict[str, Any] = {
    "domain": "example.org",
    "hosts": {"radarr": "radarr.example.org"},
    "sign_on": "authelia",
}


def services(apps: Iterable[str], *, without: str) -> dict[str, dict[str, Any]]:
    """One service of each of *apps*, and a second one of one of them.

    Args:
        apps: names in the catalog.
        without: The app that is made beside what it watches, and has nothing to ask by itself.
    """
    one_each = {name: APART.get(name, {}) for name in apps if name != without}
    return {**one_each, "threadfin-sports": {"app": "threadfin"}}
