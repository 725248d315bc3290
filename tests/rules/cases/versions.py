"""Versions that do not go together, and those that only look like it."""

from tame_components.domain.container import Container
from tests.rules.cases.model import made, offends, passes


def version(app: str, image: str) -> Container:
    """A container of *app* in the version of *image*."""
    return made(app, image=image)


_TDARR = "ghcr.io/haveagitgat/tdarr"
_JELLYFIN = "lscr.io/linuxserver/jellyfin"
_JELLYSEERR = "ghcr.io/fallenbagel/jellyseerr:2.7.3"

CASES = (
    offends(
        "incompatible-versions",
        "server and node differ",
        version("tdarr-node", f"{_TDARR}_node:2.85.01"),
        version("tdarr", f"{_TDARR}:2.86.01"),
    ),
    offends(
        "incompatible-versions",
        "the login changed",
        version("jellyseerr", _JELLYSEERR),
        version("jellyfin", f"{_JELLYFIN}:10.12.0ubu2604-ls1"),
    ),
    passes(
        "incompatible-versions",
        "server and node are equal",
        version("tdarr-node", f"{_TDARR}_node:2.86.01"),
        version("tdarr", f"{_TDARR}:2.86.01"),
        world="one-user",
    ),
    passes(
        "incompatible-versions",
        "before the login changed",
        version("jellyseerr", _JELLYSEERR),
        version("jellyfin", f"{_JELLYFIN}:10.11.11ubu2604-ls43"),
        world="nas",
    ),
    offends("retired-version", "its authors stopped", made("overseerr")),
    offends("retired-version", "an open door", version("gluetun", "qmcgaw/gluetun:v3.38.0")),
    passes("retired-version", "its successor", made("seerr")),
    passes("retired-version", "the door is shut", version("gluetun", "qmcgaw/gluetun:v3.41.3")),
)
