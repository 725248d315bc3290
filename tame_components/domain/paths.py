"""The one data tree and the one config root of a stack."""

from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

from tame_components.domain.base import Frozen


DATA = "/data"
"""Where every container sees the data tree, whole: blueprint 000, section 2.2."""

MARKER = ".tame-data-root"
"""The file whose absence says that the disk is not mounted."""


def _absolute(path: str) -> str:
    pure = PurePosixPath(path)
    if not pure.is_absolute() or ".." in pure.parts or pure == PurePosixPath("/"):
        raise ValueError("an absolute path below `/`, without `..`")
    if ":" in path:
        raise ValueError("a path without `:`, which Docker reads as a separator")
    return str(pure)


HostPath = Annotated[str, AfterValidator(_absolute)]
"""An absolute path on the machine that runs the Docker engine."""


class Layout(StrEnum):
    """The names of the folders below the data root."""

    TAME = "tame"
    """The blueprint's: `downloads/{torrents,usenet}`, `media/{movies,tv,music}`."""
    TRASH = "trash"
    """TRaSH's own: `{torrents,usenet}`, `media/{movies,tv,music}`."""


_DOWNLOADS = {Layout.TAME: "downloads/", Layout.TRASH: ""}


class DataTree(Frozen):
    """One directory on one file system, so that a link from download to library is possible."""

    root: HostPath
    """On the host. Must hold the marker file `.tame-data-root`."""
    layout: Layout = Layout.TAME
    read_only_players: bool = True
    """Whether players mount the tree read-only, so that they cannot delete from it."""
    network_mounts: tuple[HostPath, ...] = Field(default=())
    """Directories of the host that are network file systems; config may not lie below one."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Every folder that the stack needs, relative to the root."""
        downloads = _DOWNLOADS[self.layout]
        clients = [f"{downloads}{kind}" for kind in ("torrents", "usenet")]
        categories = [f"{client}/{name}" for client in clients for name in ("movies", "tv")]
        library = [f"media/{name}" for name in ("movies", "music", "tv")]
        return tuple(sorted([*clients, *categories, *library]))
