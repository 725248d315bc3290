"""Images: what runs today runs tomorrow, until somebody decides otherwise."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import ON, TWO_NUMBERS, image_name
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_VERSION = re.compile(r"(?:^|[-_])v?\d+(?:\.\d+){2,}")
"""A version of three numbers that is a word of the tag: not the `3.20.1` of `lts-alpine3.20.1`."""

_FULL = re.compile(r"v?\d+\.\d+")
_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_UPDATERS = frozenset({"watchtower", "ouroboros"})
_OBSERVES = frozenset({"--monitor-only", "--monitor-only=true", "-m", "--monitor"})


def _floating(container: "Container", _scope: Scope) -> Iterator[Finding]:
    from tame_components.domain.errors import ImageReferenceInvalid  # noqa: PLC0415 - lazy
    from tame_components.domain.image import ImageReference  # noqa: PLC0415 - lazy

    image, hint = container.image, "name a full version, e.g., `lscr.io/linuxserver/radarr:5.26.2`"
    if _ID.fullmatch(image):
        return  # the engine's own id of an image: it cannot move
    try:
        reference = ImageReference.parse(image)
    except ImageReferenceInvalid:
        yield f"not an image reference: `{image}`", hint
        return
    if reference.tag is None:
        yield f"image has no tag: `{image}`", hint
    elif _FULL.fullmatch(reference.tag) and image_name(image) in TWO_NUMBERS:
        return
    elif reference.floats or not _VERSION.search(reference.tag):
        yield f"image tag floats: `{image}`", hint


def _undigested(container: "Container", _scope: Scope) -> Iterator[Finding]:
    image = container.image
    if not _ID.fullmatch(image) and not _DIGEST.fullmatch(image):
        yield (
            f"image has no digest: `{image}`",
            "run `tame pins lock`",
        )


def _unpinned_mods(container: "Container", _scope: Scope) -> Iterator[Finding]:
    mods = container.environment.get("DOCKER_MODS", "")
    for mod in filter(None, (part.strip() for part in mods.split("|"))):
        tagged = ":" in mod.partition("@")[0].rpartition("/")[2]
        if not (tagged and _DIGEST.fullmatch(mod)):
            yield (
                f"`DOCKER_MODS` downloads `{mod}` at each start",
                "name it as `repository:tag@sha256:...`, or bake it into an image",
            )


def _updater(container: "Container", _scope: Scope) -> Iterator[Finding]:
    hint = "remove it: an update goes through the sandbox and the gate"
    on = {name.upper() for name, value in container.environment.items() if value.lower() in ON}
    if image_name(container.image) in _UPDATERS:
        observes = {"WATCHTOWER_MONITOR_ONLY", "MONITOR_ONLY"} & on
        if not observes and not _OBSERVES & set(container.command):
            yield f"`{image_name(container.image)}` replaces containers by itself", hint
    for name in sorted({"AUTO_UPDATE", "AUTOUPDATE"} & on):
        yield f"`{name}` is on", hint


def _self_updating(container: "Container", _scope: Scope) -> Iterator[Finding]:
    image = container.image.partition("@")[0]
    name = image_name(image)
    version = container.environment.get("VERSION")
    linuxserver = "linuxserver/" in image or container.family == "linuxserver"
    if name == "plex" and linuxserver and version not in {None, "", "docker"}:
        yield (
            "`VERSION` makes the image download another Plex at each start",
            "set `VERSION` to `docker`",
        )
    if name == "pms-docker" and image.rpartition(":")[2] in {"public", "beta", "plexpass"}:
        yield (
            f"`{image}` downloads the newest Plex at each start",
            "name a full version of `plexinc/pms-docker`",
        )


FLOATING_IMAGE_TAG = Rule(
    id="R01",
    name="floating-image-tag",
    summary="The image has no tag, or one that tomorrow may mean another program",
    why="744 of 920 services in 95 public stacks change without anybody deciding it, at night",
    example="image: lscr.io/linuxserver/radarr:latest",
    instead="image: lscr.io/linuxserver/radarr:5.26.2",
    reads=frozenset({"image"}),
    check=_floating,
)

IMAGE_WITHOUT_DIGEST = Rule(
    id="R02",
    name="image-without-digest",
    summary="The image is named by its tag alone",
    why="a tag can be moved to another program after the sandbox proved the first one; a digest "
    "is computed from the content",
    example="image: lscr.io/linuxserver/radarr:5.26.2",
    instead="image: lscr.io/linuxserver/radarr:5.26.2@sha256:<64 digits>  # by `tame pins lock`",
    reads=frozenset({"image"}),
    check=_undigested,
)

UNPINNED_MOD = Rule(
    id="R04",
    name="unpinned-mod",
    summary="The container downloads code at each start that nobody pinned",
    why="the image holds still and the program in it does not: 15 of 95 public stacks do this",
    example="environment: {DOCKER_MODS: linuxserver/mods:radarr-striptracks}",
    instead="environment: {DOCKER_MODS: 'linuxserver/mods:radarr-striptracks@sha256:<64 digits>'}",
    reads=frozenset({"environment"}),
    adds=frozenset({"environment"}),
    check=_unpinned_mods,
)

AUTOMATIC_UPDATER = Rule(
    id="R03",
    name="automatic-updater",
    summary="Something replaces containers, or the program in one, by itself",
    why="it goes round the sandbox, the gate and the rollback",
    example="image: containrrr/watchtower:1.7.1",
    instead="let the updater propose a version, and promote what the sandbox proved",
    reads=frozenset({"image", "environment", "command"}),
    check=_updater,
)

SELF_UPDATING_IMAGE = Rule(
    id="R36",
    name="self-updating-image",
    summary="The image replaces its own program when it starts",
    why="the pin holds still and the program moves anyway",
    example="environment: {VERSION: latest}  # linuxserver/plex",
    instead="environment: {VERSION: docker}",
    reads=frozenset({"image", "environment"}),
    check=_self_updating,
)

RULES = (
    FLOATING_IMAGE_TAG,
    IMAGE_WITHOUT_DIGEST,
    AUTOMATIC_UPDATER,
    UNPINNED_MOD,
    SELF_UPDATING_IMAGE,
)
