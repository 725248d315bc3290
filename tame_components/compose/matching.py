"""Which app of the catalog a service of a Compose file is."""

from collections.abc import Mapping
from functools import cache

from tame_components.catalog import catalog, refusals
from tame_components.compose.probing import plain_repository
from tame_components.compose.services import Read
from tame_components.domain.app import App


_OTHER_NAMES = {
    "pms-docker": "plex",
    "embyserver": "emby",
    "docker-socket-proxy": "socket-proxy",
    "dockerproxy": "socket-proxy",
    "qbittorrent-nox": "qbittorrent",
    "prometheus-node-exporter": "node-exporter",
}
"""What other builders of an image call the application."""


def app_of(read: Read) -> App | None:
    """The app that *read* runs: by repository, by the image's last name, by the service's name."""
    repository = plain_repository(read.node.said("image"))
    if repository in _by_repository():
        return _by_repository()[repository]
    last = repository.rpartition("/")[2].removeprefix("docker-")
    for name in (last, _OTHER_NAMES.get(last, ""), read.name.lower().replace("_", "-")):
        if name in catalog():
            return catalog()[name]
    return None


def refused(read: Read) -> tuple[str, str] | None:
    """The name and the reason, where the catalog refuses the application."""
    last = plain_repository(read.node.said("image")).rpartition("/")[2]
    for name in (last, read.name.lower()):
        if name in refusals():
            return name, refusals()[name].reason
    return None


@cache
def _by_repository() -> Mapping[str, App]:
    return {plain_repository(one.image.repository): one for one in catalog().values()}


def same_image(read: Read, app: App) -> bool:
    """Whether *read* runs the very image that the catalog names, of whatever version."""
    ours = plain_repository(app.image.repository)
    return plain_repository(read.node.said("image")) == ours
