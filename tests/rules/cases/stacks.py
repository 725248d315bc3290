"""What only the sum of the containers shows: backups, monitors, the library's disk, exemptions."""

from typing import Any

from tame_components.domain.container import Container
from tame_components.domain.settings import Exemption
from tests.rules.cases.model import made, offends, passes
from tests.rules.stacks import bind


STOPS = {"docker-volume-backup.stop-during-backup": "true"}


def keeping(app: str, place: str, **fields: Any) -> Container:
    """A container of *app* whose state lies at *place*."""
    return made(app, mounts=(bind(place, "/config"),), **fields)


def exemption(container: Container, **changes: str) -> dict[str, tuple[Exemption, ...]]:
    """A stack in which *container* may break a rule."""
    given = {
        "rule": "host-network",
        "service": container.name,
        "owner": "ada",
        "reason": "waits for a new switch",
        "expires": "9998-12-31",
    }
    return {"exemptions": (Exemption(**(given | changes)),)}


_BACKREST = made("backrest", mounts=(bind("/srv/config", "/all", read_only=True),))
_OFFEN = made("docker-volume-backup", mounts=(bind("/srv/offen", "/backup/offen", read_only=True),))
_KUMA, _DOZZLE = made("uptime-kuma"), made("dozzle")
_BORROWED = made("jellyfin", network_mode="host")
_LATE, _LOST, _UNKNOWN = made("radarr"), made("radarr"), made("radarr")
_FILM = made("plex", mounts=(bind("/mnt/nas/media", "/data/media", read_only=True),))
_SHOW = made("jellyfin", mounts=(bind("/mnt/nas/shows", "/data/media", read_only=True),))
_POOL, _SHARE = "/mnt/cache/appdata/radarr", "/mnt/user/appdata/radarr"

CASES = (
    offends("not-backed-up", "nobody copies it", keeping("radarr", "/srv/loose/radarr"), _BACKREST),
    offends(
        "not-backed-up", "copied while it writes", keeping("radarr", "/srv/offen/radarr"), _OFFEN
    ),
    passes("not-backed-up", "below what is copied", keeping("radarr", "/srv/config/a"), _BACKREST),
    passes(
        "not-backed-up",
        "stopped meanwhile",
        keeping("sonarr", "/srv/offen/sonarr", labels=STOPS),
        _OFFEN,
    ),
    passes("not-backed-up", "it keeps nothing", made("flaresolverr", mounts=())),
    offends(
        "unwatched-stack", "neither", made("radarr", mounts=()), subject="stack", world="one-user"
    ),
    offends("unwatched-stack", "no view of the logs", made("gatus"), subject="stack", world="nas"),
    passes("unwatched-stack", "both", _KUMA, _DOZZLE, subject="stack"),
    passes("unwatched-stack", "by other means", made("gatus"), made("loki"), subject="stack"),
    offends("remote-media-root", "a mount of the host", _FILM, subject="stack", world="nas"),
    offends("remote-media-root", "another one", _SHOW, subject="stack", world="one-user"),
    offends("remote-media-root", "Unraid's FUSE", keeping("radarr", _SHARE)),
    passes("remote-media-root", "Unraid's pool", keeping("radarr", _POOL)),
    passes("remote-media-root", "local", made("radarr"), subject="stack"),
    offends("broken-exemption", "it ran out", _LATE, scope=exemption(_LATE, expires="2020-01-31")),
    offends("broken-exemption", "no such rule", _LOST, scope=exemption(_LOST, rule="floating")),
    passes("broken-exemption", "in force", _BORROWED, scope=exemption(_BORROWED)),
    passes(
        "broken-exemption",
        "in force, and no longer needed",
        _UNKNOWN,
        scope=exemption(_UNKNOWN, rule="unbound-port"),
    ),
)
