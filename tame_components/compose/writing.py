"""Putting rendered files on disk, so that nobody but their owner reads a secret."""

import os
from pathlib import Path

from tame_components.compose.errors import WouldOverwrite
from tame_components.compose.render import SECRETS, Rendered


def write(directory: Path, rendered: Rendered, *, force: bool = False) -> tuple[str, ...]:
    """Write *rendered* below *directory*; running it twice changes nothing.

    Returns:
        Commands that root still has to run, because a file must belong to somebody else.

    Raises:
        WouldOverwrite: a file is there and differs, and *force* was not said.
    """
    if not force:
        _refuse_other(directory, rendered)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / SECRETS).mkdir(exist_ok=True)
    (directory / SECRETS).chmod(0o700)
    left = []
    for file in rendered.files:
        place = directory / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        _put(place, file.text, file.mode)
        if file.owner is not None and not _give(place, file.owner):
            left.append(f"chown {file.owner} {place}")
    if not any((directory / SECRETS).iterdir()):
        (directory / SECRETS).rmdir()
    return tuple(left)


def _refuse_other(directory: Path, rendered: Rendered) -> None:
    for file in rendered.files:
        place = directory / file.path
        if place.exists() and place.read_text("utf-8") != file.text:
            raise WouldOverwrite(str(place))


def _put(place: Path, text: str, mode: int) -> None:
    """Never readable by others, not even for a moment."""
    # Not `ops.durable`, which this layer lacks: what was rendered can be rendered again.
    beside = place.with_name(f".{place.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    beside.chmod(mode)  # whatever the umask is
    beside.replace(place)


def _give(place: Path, owner: int) -> bool:
    if place.stat().st_uid == owner:
        return True
    try:
        os.chown(place, owner, -1)
    except PermissionError:
        return False
    return True
