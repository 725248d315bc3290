"""One container by itself: its health, its limits, who it runs as."""

from typing import Any

from tame_components.domain.container import Container
from tame_components.domain.health import Probe, Timing
from tests.rules.cases.model import ROOT, made, offends, passes
from tests.rules.stacks import bind


KEY = "0123456789abcdef0123456789abcdef"


def probed(app: str, *test: str, **timing: int) -> Container:
    """A container of *app* with a health check."""
    return made(app, probe=Probe(test=test, proves="x", source="x", timing=Timing(**timing)))


def member(gid: int, **fields: Any) -> Container:
    """An importer of a group."""
    ids = {"PUID": str(gid), "PGID": str(gid), "UMASK": "002"}
    return made("radarr", environment=ids | fields)


CASES = (
    offends("no-health-check", "none", made("radarr", probe=None)),
    offends("no-health-check", "the internet's", probed("radarr", "CMD", "ping", "-c1", "8.8.8.8")),
    passes("no-health-check", "the image's own", made("gluetun", probe=None)),
    passes("no-health-check", "it runs on demand", made("kometa", probe=None, starts=False)),
    offends("impatient-health-check", "5 s", probed("sonarr", "CMD", "true", start_period=5)),
    offends("impatient-health-check", "none", probed("radarr", "CMD", "true", start_period=0)),
    passes("impatient-health-check", "enough", probed("sonarr", "CMD", "true", start_period=30)),
    passes(
        "impatient-health-check", "it has no database", probed("caddy", "CMD", "x", start_period=1)
    ),
    offends("stays-down", "it gives up", made("radarr", restart="on-failure")),
    offends("stays-down", "Docker's default", made("radarr", restart="no")),
    passes("stays-down", "also after a crash of the engine", made("radarr", restart="always")),
    passes("stays-down", "it runs on demand", made("kometa", restart="no", starts=False)),
    offends("no-memory-limit", "an importer", made("radarr", memory_mb=None)),
    offends("no-memory-limit", "a dashboard", made("grafana", memory_mb=None)),
    passes("no-memory-limit", "small", made("radarr", memory_mb=64)),
    passes("no-memory-limit", "a stricter rule's", made("plex", memory_mb=None)),
    offends("unlimited-transcoder", "a player", made("plex", memory_mb=None)),
    offends("unlimited-transcoder", "a node", made("tdarr_node", memory_mb=None)),
    passes("unlimited-transcoder", "limited", made("plex", memory_mb=4096)),
    passes("unlimited-transcoder", "its statistics", made("tautulli", memory_mb=None)),
    offends("endless-log", "nothing said", made("radarr", log_options={})),
    offends("endless-log", "files without a size", made("radarr", log_options={"max-file": "3"})),
    passes("endless-log", "a size", made("radarr", log_options={"max-size": "10m"})),
    passes("endless-log", "a driver that rotates", made("radarr", log_options={"driver": "local"})),
    offends("short-stop-grace", "Docker's default", made("radarr", stop_grace=10)),
    offends("short-stop-grace", "a portal's SQLite too", made("jellyseerr", stop_grace=30)),
    passes("short-stop-grace", "enough", made("radarr", stop_grace=60)),
    passes("short-stop-grace", "no database", made("flaresolverr", stop_grace=10)),
    offends("literal-secret", "a key", made("radarr", environment={"API_KEY": KEY})),
    offends("literal-secret", "in a URL", made("x", environment={"DB": f"pg://u:{KEY}@db/x"})),
    passes("literal-secret", "a file", made("x", environment={"API_KEY_FILE": "/run/secrets/key"})),
    passes("literal-secret", "sounds like one", made("x", environment={"PASSWORD_AUTH": "true"})),
    offends(
        "secret-in-environment",
        "encrypted, and shown by the socket",
        made("x", environment={"API_KEY": KEY}, secret_variables=("API_KEY",)),
    ),
    offends(
        "secret-in-environment",
        "a webhook",
        made("x", environment={"WEBHOOK": "https://h/1"}, secret_variables=("WEBHOOK",)),
    ),
    passes(
        "secret-in-environment",
        "a path",
        made("x", environment={"TOKEN": "/run/secrets/t"}, secret_variables=("TOKEN",)),
    ),
    passes("secret-in-environment", "no secret", made("x", environment={"TZ": "Etc/UTC"})),
    offends("mixed-ids", "another group", member(1001), member(13000), member(13000)),
    offends("mixed-ids", "root", member(13000, PUID="0")),
    offends("mixed-ids", "a mask", member(13000, UMASK="022"), member(13000, PUID="7")),
    passes("mixed-ids", "users differ", member(13000, PUID="1"), member(13000)),
    passes(
        "mixed-ids",
        "its own /data",
        made(
            "nginx-proxy-manager",
            environment={"PUID": "7", "PGID": "7"},
            mounts=(bind("/srv/npm", "/data"),),
        ),
        member(13000),
        member(13000, PUID="1"),
    ),
    passes("mixed-ids", "four digits", member(13000, PUID="1", UMASK="0002")),
    offends(
        "image-umask",
        "one user, no mask",
        made("radarr", environment={"PUID": "1000", "PGID": "13000"}),
        world="one-user",
    ),
    offends(
        "image-umask",
        "two services of one user",
        made("sonarr", environment={"PUID": "1000"}, mounts=(bind(ROOT, "/data"),)),
        made("radarr", environment={"PUID": "1000", "UMASK": "002"}),
        world="one-user",
    ),
    passes(
        "image-umask",
        "a mask",
        made("radarr", environment={"PUID": "1000", "UMASK": "002"}),
        world="one-user",
    ),
    passes(
        "image-umask", "no data", made("tautulli", environment={"PUID": "1000"}), world="one-user"
    ),
    offends("inert-puid", "a user", made("radarr", user="1:1", environment={"PUID": "1"})),
    offends("inert-puid", "read-only", made("radarr", read_only=True, environment={"PGID": "1"})),
    passes("inert-puid", "one of the two", made("radarr", user="1000:13000")),
    passes(
        "inert-puid",
        "another family",
        made("x", image="a/x:1.2.3", user="1:1", environment={"PUID": "1"}),
    ),
)
