"""Images: floating tags, automatic updaters, images that replace their own program."""

import pytest

from tests.rules.stacks import DIGEST, container, judged


@pytest.mark.parametrize(
    "image",
    [
        "lscr.io/linuxserver/radarr",
        "lscr.io/linuxserver/radarr:latest",
        "lscr.io/linuxserver/radarr:5.26",
        "lscr.io/linuxserver/radarr:nightly",
        "registry.lan:5000/radarr",  # a port, not a tag
        f"lscr.io/linuxserver/radarr@{DIGEST}",  # holds still, but names no version
        "lscr.io/linuxserver/radarr:${TAG:-latest}",
        "node:lts-alpine3.20.1",  # the version is Alpine's
        "tame.invalid/radarr:latest",  # a rehearsal obeys too
        "",
    ],
)
def test_a_tag_that_may_move_is_an_offence(image: str) -> None:
    """Without three numbers of its own, a tag means another program tomorrow."""
    assert judged("floating-image-tag", container(image=image)).violations


@pytest.mark.parametrize(
    "image",
    [
        "lscr.io/linuxserver/radarr:5.26.2",
        "lscr.io/linuxserver/radarr:5.26.2.10099-ls289",
        "registry.lan:5000/radarr:5.26.2",
        f"ghcr.io/hotio/radarr:release-5.26.2@{DIGEST}",
        "qmcgaw/gluetun:v3.40.0",
        "ghcr.io/hotio/radarr:nightly-5.26.2.1234",  # a nightly, but always the same one
        "tame.invalid/radarr:5.26.2",
        DIGEST,  # the engine's own id
    ],
)
def test_a_tag_that_names_a_full_version_passes(image: str) -> None:
    """Prefixes, build numbers, registry ports and digests do not confuse the rule."""
    assert not judged("floating-image-tag", container(image=image)).violations


def test_watchtower_that_acts_is_an_offence_and_one_that_watches_is_not() -> None:
    """Only an updater in monitor-only mode, by variable or by argument, may stay."""
    image = "containrrr/watchtower:1.7.1"

    assert judged("automatic-updater", container(image=image)).violations
    assert judged(
        "automatic-updater",
        container(image=image, environment={"WATCHTOWER_MONITOR_ONLY": "false"}),
    ).violations
    for fields in (
        {"environment": {"WATCHTOWER_MONITOR_ONLY": "true"}},
        {"command": ("--interval", "30", "--monitor-only")},
    ):
        assert not judged("automatic-updater", container(image=image, **fields)).violations


@pytest.mark.parametrize(("value", "offends"), [("true", True), ("1", True), ("false", False)])
def test_auto_update_counts_only_when_it_is_on(value: str, *, offends: bool) -> None:
    """`AUTO_UPDATE` is judged by its value, not by its name."""
    judgement = judged("automatic-updater", container(environment={"AUTO_UPDATE": value}))

    assert bool(judgement.violations) is offends


@pytest.mark.parametrize(
    ("image", "version", "offends"),
    [
        ("lscr.io/linuxserver/plex:1.41.3", "latest", True),
        ("lscr.io/linuxserver/plex:1.41.3", "public", True),
        ("plexinc/pms-docker:plexpass", "", True),
        ("lscr.io/linuxserver/plex:1.41.3", "docker", False),
        ("lscr.io/linuxserver/plex:1.41.3", "", False),  # the same as `docker`
        ("lscr.io/linuxserver/jellyfin:10.10.7", "latest", False),  # means nothing there
        ("plexinc/pms-docker:1.41.3.9314-a0bfb8370", "", False),
    ],
)
def test_an_image_that_replaces_its_program_is_an_offence(
    image: str, version: str, *, offends: bool
) -> None:
    """A pinned linuxserver Plex with VERSION other than `docker` moves anyway."""
    environment = {"VERSION": version} if version else {}

    judgement = judged("self-updating-image", container(image=image, environment=environment))

    assert bool(judgement.violations) is offends
