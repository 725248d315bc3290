"""One service of a Compose file, as one entry of `tame:services`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tame_components.compose import tunnel
from tame_components.compose.carried import Notes, SecretToSet, Settings
from tame_components.compose.matching import same_image
from tame_components.compose.nodes import Node
from tame_components.compose.ports import Publication
from tame_components.compose.quantities import mebibytes
from tame_components.compose.roots import media_of, state_of
from tame_components.compose.services import Read
from tame_components.domain.app import App, Kind
from tame_components.domain.errors import ImageReferenceInvalid
from tame_components.domain.image import ImageReference
from tame_components.domain.planes import Plane
from tame_components.rules.secrets import names_a_secret


IDENTITY = frozenset({"TZ", "PUID", "PGID", "UMASK", "UMASK_SET", "USER_ID", "GROUP_ID"})
"""Variables that `tame:identity` and `tame:timezone` say once for all."""

_POINTER = re.compile(r"^FILE__|(?:_SECRETFILE|__FILE|_FILE)$")
_CREDENTIALS = re.compile(r"://[^/\s:@]*:[^@/\s]+@")
_LOOPBACK = ("127.", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Around:
    """What the other services say about one."""

    stack: str
    ports: tuple[Publication, ...]
    """Its own, or those of the container whose network it shares."""


def service_settings(name: str, read: Read, app: App, around: Around, notes: Notes) -> Settings:
    """The entry of the service *name*; what it cannot hold goes to *notes*."""
    found: Settings = {} if name == app.name else {"app": app.name}
    found |= _image(name, read, app, notes)
    found |= _published(name, read, app, around, notes)
    if environment := _environment(name, read, app, around.stack, notes):
        found["environment"] = environment
    limit = read.node.get("mem_limit") or read.node.get("deploy", "resources", "limits", "memory")
    if limit and not limit.unknown and (size := mebibytes(limit.text)) and size >= 16:  # noqa: PLR2004 - the model's least
        found["memory_mb"] = size
    _other_mounts(name, read, app, notes)
    _rest(name, read, notes)
    return found


def _image(name: str, read: Read, app: App, notes: Notes) -> Settings:
    node = read.node.get("image")
    text = node.text if node else "(built)"
    pin = str(app.image.reference)
    if not same_image(read, app):
        notes.lose(name, f"image {text}", f"the catalog runs `{pin}`; look at its state directory")
        return {}
    try:
        reference = ImageReference.parse(text)
    except ImageReferenceInvalid:
        notes.lose(name, f"image {text}", f"its version is not known; the catalog's is `{pin}`")
        return {}
    if reference.floats or not re.search(r"(?:^|[-_])v?\d+(?:\.\d+){2,}", reference.tag or ""):
        notes.lose(name, f"image {text}", f"its version may change; the catalog's is `{pin}`")
        return {}
    same = reference.tag == app.image.tag and not reference.digest
    return {} if same else {"image": str(reference)}


def _published(name: str, read: Read, app: App, around: Around, notes: Notes) -> Settings:
    on_host = read.node.said("network_mode") == "host"
    if on_host:
        if app.host_network == "may":
            return {"host_network": True}
        if app.host_network == "never":
            notes.lose(name, "network_mode: host", "it is on the stack's network")
    ui = app.port()
    mine = [one for one in around.ports if ui and one.first == ui.number]
    why = "each member's `publish` says it" if app.kind is Kind.VPN else "only the UI's is carried"
    for one in read.ports:
        if one not in mine:
            notes.lose(name, f"port {one.host}:{one.container}/{one.protocol}", why)
    if ui is None or app.host_network == "must" or on_host:
        return {}
    return _ui(name, app, mine[0] if mine else None, notes)


def _ui(name: str, app: App, one: Publication | None, notes: Notes) -> Settings:
    """`publish`, so that the UI is where it was, as far as its plane allows."""
    ui = app.port()
    user = app.plane is Plane.USER
    if one is None or ui is None:
        return {"publish": 0} if user else {}
    if app.plane is Plane.INTERNAL:
        notes.lose(name, f"port {one.host}", "other services reach it, people do not")
        return {}
    open_to_all = not one.ip.startswith(_LOOPBACK)
    if user and open_to_all and (not one.ip or one.ip.startswith(("0.", "::", "$"))):
        notes.ask(
            "tame:exposure.user_address", "127.0.0.1 now: the host's LAN address, for players"
        )
    elif open_to_all and not user:
        notes.lose(name, f"port {one.host} beyond the host", "loopback, or `tame open`: R14")
    port = one.first_host
    if port is None:
        notes.ask(f"tame:services.{name}.publish", f"`{one.host or 'a chosen port'}` is not known")
        return {"publish": 0} if user else {}
    return {} if user and port == ui.number else {"publish": port}


def _environment(name: str, read: Read, app: App, stack: str, notes: Notes) -> dict[str, str]:
    kept = {}
    skipped = IDENTITY | (tunnel.TAKEN if app.kind is Kind.VPN else frozenset())
    same = same_image(read, app)
    for variable, node in read.environment.items():
        secret = secret_name(app, variable)
        if secret or names_a_secret(variable) or _CREDENTIALS.search(node.text):
            if node.text:
                notes.secrets.append(_secret(name, variable, secret, stack))
        elif variable in skipped or variable in app.environment:
            if variable in app.environment and app.environment[variable] != node.text:
                why = f"the doctrine sets it: `{app.environment[variable]}`"
                notes.lose(name, f"{variable}", why)
        elif not same:
            notes.lose(name, variable, "a variable of another image")
        elif node.unknown:
            notes.lose(name, variable, f"`{', '.join(node.unknown)}` is not set")
        else:
            kept[variable] = node.text
    return kept


def secret_name(app: App, variable: str) -> str | None:
    """The name of the catalog's secret that *variable* holds, or points to."""
    bare = _POINTER.sub("", variable)
    for secret in app.secrets:
        if secret.variable and _POINTER.sub("", secret.variable) == bare:
            return secret.name
    return None


def _secret(name: str, variable: str, secret: str | None, stack: str) -> SecretToSet:
    if secret is None:
        return SecretToSet("", name, f"`{variable}` of `{name}`")
    key = f"tame:secrets.{name}.{secret}"
    command = f"pulumi config set --secret --path {key} -s {stack}"
    return SecretToSet(key, name, f"`{variable}` of `{name}`", command)


def _other_mounts(name: str, read: Read, app: App, notes: Notes) -> None:
    state = state_of(read, app, Path())
    known = {state.mount.target} if state else set()
    known |= {one.target for one in media_of(read, app)}
    for one in read.mounts:
        if one.target.endswith("docker.sock") or one.source.endswith("docker.sock"):
            notes.lose(name, "the Docker socket", "it asks `socket-proxy` instead: R12")
        elif one.target == "/etc/localtime":
            continue  # `tame:timezone` says it
        elif one.target not in known and one.target not in app_mounts(app):
            notes.lose(name, f"mount {one.source or one.kind}:{one.target}", "no place for it")


def app_mounts(app: App) -> set[str]:
    """Targets that the catalog mounts by itself."""
    return {one.target for one in app.mounts}


_SILENT = {
    "entrypoint": "the image's own",
    "command": "the catalog's own",
    "build": "images are pulled, never built",
    "cap_add": "the catalog gives what the application needs",
    "privileged": "the catalog gives what the application needs: R26",
    "extra_hosts": "names come from the topology",
    "dns": "the engine's own",
    "tmpfs": "the catalog's own",
}
_LABELS = re.compile(r"^(traefik|caddy|homepage|diun|wud|watchtower|com\.centurylinklabs)")


def _rest(name: str, read: Read, notes: Notes) -> None:
    for key, why in _SILENT.items():
        node = read.node.get(key)
        if node is not None and _says_something(node):
            notes.lose(name, f"`{key}`", why)
    labels = read.node.get("labels")
    kinds = sorted({m[1] for text in _texts(labels) if (m := _LABELS.match(text))})
    for kind in kinds:
        notes.lose(name, f"labels `{kind}...`", "`tame:remote_access` publishes what is for users")


def _says_something(node: Node) -> bool:
    return node.value not in (None, [], {}, False, "")


def _texts(node: Node | None) -> Iterable[str]:
    if node is None:
        return ()
    return node.keys or (one.text for one in node.items)


def shared_ports(read: Read, others: Mapping[str, Read]) -> tuple[Publication, ...]:
    """What leads to *read*: its own ports, and those of whose network it shares."""
    kind, _, owner = read.node.said("network_mode").partition(":")
    theirs: tuple[Publication, ...] = ()
    if kind in {"service", "container"}:
        for name, other in others.items():
            if owner in {name, other.node.said("container_name")}:
                theirs = other.ports
    return (*read.ports, *theirs)
