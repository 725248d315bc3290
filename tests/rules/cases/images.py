"""Images and what they download at the start."""

from tests.rules.cases.model import made, offends, passes
from tests.rules.stacks import DIGEST


MOD = "linuxserver/mods:radarr-striptracks"

CASES = (
    offends("floating-image-tag", "a word", made("radarr", image=f"a/radarr:latest@{DIGEST}")),
    offends("floating-image-tag", "two numbers", made("radarr", image=f"a/radarr:5.26@{DIGEST}")),
    passes(
        "floating-image-tag", "a registry with a port", made("radarr", image="r:5000/radarr:1.2.3")
    ),
    passes("floating-image-tag", "a build's suffix", made("radarr", image="a/radarr:5.26.2-ls308")),
    passes(
        "floating-image-tag", "there is no third number", made("x", image="cy01/blackhole:v2.4")
    ),
    offends("image-without-digest", "a full tag", made("radarr", image="a/radarr:5.26.2")),
    offends(
        "image-without-digest", "half a digest", made("radarr", image="a/radarr:1.2.3@sha256:12")
    ),
    passes(
        "image-without-digest", "tag and digest", made("radarr", image=f"a/radarr:1.2.3@{DIGEST}")
    ),
    passes("image-without-digest", "the engine's own id", made("radarr", image=DIGEST)),
    offends("automatic-updater", "replaces containers", made("watchtower")),
    offends(
        "automatic-updater", "by a switch", made("radarr", environment={"AUTO_UPDATE": "true"})
    ),
    passes("automatic-updater", "only tells", made("watchtower", command=("--monitor-only",))),
    passes(
        "automatic-updater", "switched off", made("radarr", environment={"AUTO_UPDATE": "false"})
    ),
    offends("unpinned-mod", "a tag that moves", made("radarr", environment={"DOCKER_MODS": MOD})),
    offends(
        "unpinned-mod",
        "one of two is pinned",
        made("radarr", environment={"DOCKER_MODS": f"{MOD}@{DIGEST}|a/mod:1.2.3"}),
    ),
    passes(
        "unpinned-mod",
        "tag and digest",
        made("radarr", environment={"DOCKER_MODS": f"{MOD}@{DIGEST}"}),
    ),
    passes("unpinned-mod", "no mod at all", made("radarr", environment={"DOCKER_MODS": ""})),
    offends(
        "self-updating-image", "at each start", made("plex", environment={"VERSION": "latest"})
    ),
    offends(
        "self-updating-image", "the tag `public`", made("x", image="plexinc/pms-docker:public")
    ),
    passes(
        "self-updating-image", "the image's own", made("plex", environment={"VERSION": "docker"})
    ),
    passes(
        "self-updating-image",
        "somebody else's word",
        made("radarr", environment={"VERSION": "latest"}),
    ),
)
