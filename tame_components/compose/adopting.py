"""How a running Compose stack becomes TAME's without losing state, keys or ids: a plan.

The plan decides nothing and runs nothing: each step is words and, where there is one, a command.
Secrets are named, never read: the commands read them where they lie when a person runs them.
"""

import posixpath
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tame_components.compose.importing import Imported
from tame_components.compose.loading import Project
from tame_components.compose.matching import same_image
from tame_components.compose.roots import StateMount, state_of
from tame_components.compose.services import Read
from tame_components.domain.app import App


Kind = Literal["stop", "state", "owner", "secret", "start"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do by hand, in the order of the plan."""

    kind: Kind
    service: str
    what: str
    command: str = ""
    """Empty: nothing to run."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an application writes a secret that it made itself."""

    secret: str
    file: str
    """Below the state directory."""
    read: str
    """A command that prints it, with `{file}` for the file."""


_SERVARR = _Source("api-key", "config.xml", "sed -n 's:.*<ApiKey>\\(.*\\)</ApiKey>.*:\\1:p' {file}")
_SEERR = _Source("api-key", "settings.json", "jq -r .main.apiKey {file}")
_INI = "sed -n 's/^api_key = //p' {file}"
_HASH = "sed -n 's/^WebUI\\\\Password_PBKDF2=\"\\(.*\\)\"$/\\1/p' {file}"

_SOURCES: dict[str, _Source] = {
    **dict.fromkeys(("lidarr", "prowlarr", "radarr", "sonarr", "whisparr"), _SERVARR),
    **dict.fromkeys(("jellyseerr", "overseerr", "seerr"), _SEERR),
    "bazarr": _Source(
        "api-key", "config/config.yaml", "sed -n '/^auth:/,/^[a-z]/s/^  apikey: //p' {file}"
    ),
    "qbittorrent": _Source("password", "qBittorrent/qBittorrent.conf", _HASH),
    "sabnzbd": _Source("api-key", "sabnzbd.ini", _INI),
    "tautulli": _Source("api-key", "config.ini", _INI),
}
"""By app. Sources: Servarr NzbDrone.Core/Configuration/ConfigFileProvider.cs; sct/overseerr
server/lib/settings.ts; morpheus65535/bazarr bazarr/app/config.py; qbittorrent/qBittorrent
src/base/preferences.cpp; sabnzbd/sabnzbd sabnzbd/cfg.py; Tautulli/Tautulli plexpy/config.py."""


def adoption(imported: Imported, project: Project) -> tuple[Step, ...]:
    """What to do, in order, so that the stack goes on as *imported* describes it."""
    files = shlex.quote(project.file)
    stop = f"docker compose -f {files} stop"
    names = ", ".join(f"`{name}`" for name in project.services)
    start = f"pulumi up -s {imported.stack}"
    return (
        Step("stop", "", f"stop the running stack: {names}", stop),
        *_moves(imported, project),
        *_secrets(imported),
        Step(
            "start", "", "look at it, then deploy", f"pulumi preview -s {imported.stack} && {start}"
        ),
        Step(
            "start",
            "",
            "when everything works: remove the old containers; keep the old directories",
            f"docker compose -f {files} rm",
        ),
    )


def _moves(imported: Imported, project: Project) -> Iterator[Step]:
    root = imported.settings["config_root"]
    for name, (read, app) in imported.matched.items():
        if app.state is None or name not in imported.settings["services"]:
            continue
        target = posixpath.join(root, name)
        state = state_of(read, app, project.directory)
        if state is None:
            yield Step(
                "state", name, f"keeps nothing outside its container: `{target}` starts empty"
            )
            continue
        yield _move(name, state, target, app, project)
        if not same_image(read, app):
            yield Step("state", name, "it was another image: compare its files with the catalog's")
        yield from _owner(imported, name, target, read, app)


def _move(name: str, state: StateMount, target: str, app: App, project: Project) -> Step:
    if state.mount.unknown:
        unset = ", ".join(f"`{name}`" for name in state.mount.unknown)
        what = f"`{state.mount.source}` becomes `{target}`; {unset} says where it is"
        return Step("state", name, what)
    quoted = shlex.quote(target)
    if state.mount.kind == "volume":
        volume = _volume_name(state.source, project)
        image = app.image.reference
        command = (
            f"docker run --rm --entrypoint cp -v {volume}:/from:ro -v {quoted}:/to {image}"
            " -a /from/. /to/"
        )
        return Step("state", name, f"the volume `{volume}` becomes `{target}`", command)
    if state.source == target:
        return Step("state", name, f"`{target}` stays where it is")
    command = f"mkdir -p {quoted} && cp -a {shlex.quote(state.source)}/. {quoted}/"
    return Step("state", name, f"`{state.source}` becomes `{target}`; the old one stays", command)


def _volume_name(name: str, project: Project) -> str:
    """What Docker calls a volume of Compose: with the project's name, unless it has its own."""
    top = project.section("volumes").get(name)
    if top is None:
        return name  # `name:` was resolved already
    external = top.get("external")
    return name if external and external.text == "true" else f"{project.name}_{name}"


def _owner(imported: Imported, name: str, target: str, read: Read, app: App) -> Iterator[Step]:
    said = read.environment.get("PUID")
    if app.identity.by == "fixed" or (said is not None and said.text.isdecimal()):
        return  # the ids of the running stack are in the settings
    gid = imported.settings["identity"].get("gid", 13000)
    own = imported.settings["services"][name]
    uid = own.get("uid", imported.settings["identity"].get("uid"))
    if uid is None:
        what = f"give `{target}` to the id that `tame explain {name}` shows"
        yield Step("owner", name, what)
    else:
        command = f"chown -R {uid}:{gid} {shlex.quote(target)}"
        yield Step("owner", name, f"it runs as {uid}:{gid} now", command)


def _secrets(imported: Imported) -> Iterator[Step]:
    root = imported.settings["config_root"]
    said = {one.key for one in imported.secrets if one.key}
    for one in imported.secrets:
        if one.key:
            yield Step("secret", one.service, f"take over {one.source} as `{one.key}`", one.command)
    for name, (_, app) in imported.matched.items():
        source = _SOURCES.get(app.name)
        has = {secret.name for secret in app.secrets if secret.derive != "borrowed"}
        if source is None or source.secret not in has:
            continue
        key = f"tame:secrets.{name}.{source.secret}"
        if key in said or name not in imported.settings["services"]:
            continue
        file = posixpath.join(root, name, source.file)
        reading = source.read.format(file=shlex.quote(file))
        command = f"{reading} | pulumi config set --secret --path {key} -s {imported.stack}"
        yield Step("secret", name, f"take over its {source.secret} from `{file}`", command)
