"""What of a running Compose stack goes over into the new one: facts of the files, read and kept.

`tame_components.ops.adopt` looks at the engine, plans, and carries the plan out.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tame_components.compose.carrying import secret_name
from tame_components.compose.importing import Imported
from tame_components.compose.loading import Project, layers_of
from tame_components.compose.matching import refused, same_image
from tame_components.compose.roots import state_of
from tame_components.compose.services import Read, read_services
from tame_components.domain.adoption import OldService, OldStack, OldState
from tame_components.domain.app import App


_ONE_SHOT = frozenset({"claim"})
"""Secrets that count once, long ago: the state of a claimed server has its token."""


def old_stack(imported: Imported, project: Project, files: Sequence[Path]) -> OldStack:
    """What *imported* goes on with, of the stack that *files* describe."""
    named = imported.settings["services"]
    return OldStack(
        stack=imported.stack,
        project=project.name,
        files=tuple(posixpath.normpath(file.absolute()) for file in layers_of(files)),
        services=tuple(
            _service(name, read, app, project)
            for name, (read, app) in imported.matched.items()
            if name in named
        ),
        retired=tuple(one.name for one in read_services(project) if refused(one)),
    )


def said_secrets(imported: Imported) -> Mapping[tuple[str, str], str]:
    """The values of variables that hold secrets, by service of the new stack and variable.

    Never to be printed. They count where no container is there to ask.
    """
    return {
        (name, variable): node.text
        for name, (read, app) in imported.matched.items()
        for variable, node in read.environment.items()
        if node.text and not node.unknown and _secret(app, variable)
    }


def _service(name: str, read: Read, app: App, project: Project) -> OldService:
    said = read.environment.get("PUID")
    return OldService(
        name=name,
        app=app.name,
        called=read.name,
        same_image=same_image(read, app),
        state=_state(read, app, project),
        variables={
            variable: secret
            for variable, node in read.environment.items()
            if node.text and (secret := _secret(app, variable))
        },
        says_user=said is not None and re.fullmatch(r"[1-9]\d*", said.text) is not None,
    )


def _secret(app: App, variable: str) -> str | None:
    """The app's own secret that *variable* holds, or points to; what it borrows is another's."""
    own = {one.name for one in app.secrets if one.derive != "borrowed"} - _ONE_SHOT
    name = secret_name(app, variable)
    return name if name in own else None


def _state(read: Read, app: App, project: Project) -> OldState | None:
    found = state_of(read, app, project.directory)
    if found is None or found.mount.kind not in {"bind", "volume"} or not found.source:
        return None
    volume = found.mount.kind == "volume"
    return OldState(
        kind="volume" if volume else "bind",
        source=volume_name(found.source, project) if volume else found.source,
        directory=found.mount.target,
        unknown=found.mount.unknown,
    )


def volume_name(name: str, project: Project) -> str:
    """What Docker calls a volume of Compose: with the project's name, unless it has its own."""
    top = project.section("volumes").get(name)
    if top is None:
        return name  # `name:` was resolved already
    return name if top.says_yes("external") else f"{project.name}_{name}"
