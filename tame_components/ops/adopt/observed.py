"""What the running stack shows and its files do not say, as settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tame_components.catalog import catalog
from tame_components.domain.adoption import OldStack
from tame_components.domain.hosts import socket_of
from tame_components.ops.adopt.archives import first_entry
from tame_components.ops.adopt.looking import Found
from tame_components.ops.adopt.planning import state_in


if TYPE_CHECKING:
    import docker


_HIGHEST = 65533


def observed(
    settings: Mapping[str, Any], old: OldStack, found: Found, engine: "docker.APIClient"
) -> dict[str, Any]:
    """*settings* with the ids that files have now, where the Compose files say none.

    linuxserver's images, for example, run as 911 where nobody sets PUID.
    """
    services = {name: dict(one or {}) for name, one in settings["services"].items()}
    for one in old.services:
        app, container = catalog()[one.app], next(iter(found.of(one.called)), None)
        asked = one.says_user or app.identity.by == "fixed" or app.state is None
        if asked or container is None or app.state is None or one.name not in services:
            continue
        state = state_in(one, container, engine)
        entry = first_entry(engine, container.id, state.directory) if state else None
        usual = settings.get("identity", {}).get("uid")
        if entry and 0 < entry.uid <= _HIGHEST and entry.uid != usual:
            services[one.name]["uid"] = entry.uid
    identity = {**settings.get("identity", {}), **_socket_group(str(settings["engine"]))}
    return {**settings, "identity": identity, "services": services}


def _socket_group(engine: str) -> dict[str, int]:
    """The group of the engine's socket, on this machine."""
    path = socket_of(engine)
    if path is None:
        return {}
    try:
        return {"docker_gid": Path(path).stat().st_gid}
    except OSError:
        return {}
