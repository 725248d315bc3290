"""A Compose stack as settings: what can be carried, what not, and what a person has to do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tame_components.catalog import catalog
from tame_components.compose import tunnel
from tame_components.compose.carried import Lost, Notes, SecretToSet, Settings, Todo
from tame_components.compose.carrying import Around, service_settings, shared_ports
from tame_components.compose.errors import NothingToImport
from tame_components.compose.identities import Matched, exposure, identity, timezone
from tame_components.compose.judging import Finding, Verdict, judge_project
from tame_components.compose.loading import Project
from tame_components.compose.matching import app_of, refused
from tame_components.compose.proving import proved
from tame_components.compose.roots import config_root, data_tree, state_of, tell_moves
from tame_components.compose.services import Read, read_services
from tame_components.domain.app import App, Kind
from tame_components.domain.errors import TameError


_BY_SOCKET = ("docker-api",)
"""What a proxy offers to services that mounted the Docker socket themselves."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome of an import."""

    stack: str
    file: str
    settings: Settings
    matched: Matched
    lost: tuple[Lost, ...]
    todo: tuple[Todo, ...]
    secrets: tuple[SecretToSet, ...]
    broken: tuple[Finding, ...]
    """Rules that the Compose file broke."""
    problem: TameError | None
    """Why the settings cannot be previewed yet; None where they can."""


def import_project(
    project: Project, stack: str | None = None, engine: str | None = None
) -> Imported:
    """The settings that *project* amounts to.

    Args:
        project: what the Compose files say.
        stack: what to call it. Default: as the project.
        engine: the Docker engine, as the settings name it. Default: this machine's usual one.

    Raises:
        NothingToImport: no service of it is an app of the catalog.
        ComposeInvalid: a service has a shape that Compose refuses.
    """
    reads, notes = read_services(project), Notes()
    name = stack or stack_name(project.name)
    matched = _match(reads, notes)
    if not matched:
        raise NothingToImport(project.file, [one.name for one in reads])
    settings = _settings(project, name, matched, reads, notes)
    settings["engine"] = engine or settings["engine"]
    settings, problem = proved(name, settings, notes)
    broken = tuple(
        one
        for one in judge_project(project, "sandbox").findings
        if one.verdict is Verdict.VIOLATION
    )
    return Imported(
        stack=name,
        file=project.file,
        settings=settings,
        matched=matched,
        lost=tuple(notes.lost),
        todo=tuple(notes.todo),
        secrets=tuple(notes.secrets),
        broken=broken,
        problem=problem,
    )


def stack_name(text: str) -> str:
    """*text* as a name that settings allow."""
    name = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:40].rstrip("-")
    return name if name[:1].isalpha() else f"s-{name}".rstrip("-")


def _match(reads: Iterable[Read], notes: Notes) -> Matched:
    found: dict[str, tuple[Read, App]] = {}
    for read in reads:
        if no := refused(read):
            notes.lose(read.name, f"`{no[0]}`", no[1])
            continue
        app = app_of(read)
        if app is None:
            image = read.node.get("image")
            what = f"image {image.text}" if image else "an image that is built"
            notes.lose(read.name, what, "not in the catalog; docs/add-an-app.md adds it")
            continue
        name = stack_name(read.name)
        while name in found:
            name = f"{name[:38]}-2"
        found[name] = (read, app)
    return found


def _settings(
    project: Project, stack: str, matched: Matched, reads: tuple[Read, ...], notes: Notes
) -> Settings:
    by_name = {one.name: one for one in reads}
    services = {
        name: service_settings(name, read, app, Around(stack, shared_ports(read, by_name)), notes)
        for name, (read, app) in matched.items()
    }
    _one_port_each(services, matched, notes)
    ids = identity(matched, services, notes)
    found_states = {
        name: state_of(read, app, project.directory) for name, (read, app) in matched.items()
    }
    states = {name: state for name, state in found_states.items() if state}
    config = config_root(states.values(), notes)
    tell_moves(states, config, notes)
    found: Settings = {
        "environment": "sandbox",
        "rehearsal": False,
        "engine": "unix:///var/run/docker.sock",
        "timezone": timezone(matched, notes),
        "data": data_tree(matched, project.directory, config, notes),
        "config_root": config,
        "network": {"container_names": "prefixed"},
        "identity": ids,
        "exposure": exposure(matched),
        "services": services,
        "backup": {"repository": "/srv/backups"},
        "protect": False,
        "exemptions": [],
    }
    notes.ask(
        "tame:backup.repository", "a directory, better on another disk: R34 asks for a backup"
    )
    notes.ask("tame:identity.docker_gid", "what `stat -c %g /var/run/docker.sock` prints")
    _add_tunnel(found, matched, notes)
    _add_proxy(found, matched, notes)
    _add_gpu(found, matched, notes)
    return found


def _one_port_each(services: Settings, matched: Matched, notes: Notes) -> None:
    """A port of the host leads to one service: the first keeps it."""
    taken: dict[int, str] = {}
    for name, entry in services.items():
        app = matched[name][1]
        ui = app.port()
        default = ui.number if ui and app.plane.value == "user" else 0
        port = entry.get("publish", default)
        if port and taken.setdefault(port, name) != name:
            entry["publish"] = 0
            notes.ask(f"tame:services.{name}.publish", f"`{port}` leads to `{taken[port]}`")


def _has_socket(read: Read) -> bool:
    return any("docker.sock" in f"{one.source}{one.target}" for one in read.mounts)


def _add_tunnel(settings: Settings, matched: Matched, notes: Notes) -> None:
    gateways = [(n, read) for n, (read, app) in matched.items() if app.kind is Kind.VPN]
    torrents = [name for name, (_, app) in matched.items() if app.torrent]
    if gateways:
        name, read = gateways[0]
        settings["vpn"] = tunnel.tunnel(read.environment, name, notes)
        for extra, _ in gateways[1:]:
            notes.lose(extra, "a second VPN gateway", "a stack has one")
            del settings["services"][extra]
    elif torrents:
        settings["services"]["gluetun"] = {}
        settings["vpn"] = tunnel.missing(notes)
        notes.ask("tame:services.gluetun", f"added: `{', '.join(torrents)}` needs a tunnel (R18)")


def _add_proxy(settings: Settings, matched: Matched, notes: Notes) -> None:
    apps = {app.name for _, app in matched.values()}
    asks = [
        name
        for name, (read, app) in matched.items()
        if _has_socket(read) and any(need.offer in _BY_SOCKET for need in app.needs)
    ]
    if asks and "socket-proxy" in catalog() and "socket-proxy" not in apps:
        settings["services"]["socket-proxy"] = {}
        notes.ask("tame:services.socket-proxy", f"added: `{', '.join(asks)}` asks it (R12)")


def _add_gpu(settings: Settings, matched: Matched, notes: Notes) -> None:
    for name, (read, app) in matched.items():
        if not app.transcodes:
            continue
        wants = read.node.get("deploy", "resources", "reservations", "devices")
        if wants or read.node.said("runtime") == "nvidia" or read.node.get("gpus"):
            settings["gpu"] = {"vendor": "nvidia"}
        elif any("/dev/dri" in one.text for one in read.node.listed("devices")):
            groups = [one.text for one in read.node.listed("group_add") if one.text.isdecimal()]
            settings["gpu"] = {"vendor": "intel", "render_gid": int(min(groups, default="105"))}
            notes.ask("tame:gpu", f"`{name}` has /dev/dri: `intel` or `amd`, and its `render_gid`")
