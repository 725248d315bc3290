"""The way out: a stack as files for Docker Compose, which needs nothing of TAME afterwards."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tame_components.compose.contents import Contents, File, contents, key_of
from tame_components.compose.definitions import definition
from tame_components.domain.holding import secrets_of
from tame_components.domain.paths import MARKER
from tame_components.domain.rendering import container_of, state_directory
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


SECRETS = "secrets"
"""The directory of what nobody else may read."""

FILES = "files"
"""The directory of what is no secret."""

_SAFE = re.compile(r"[A-Za-z0-9_./:@+=,-]*")
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Placed:
    """A file to write."""

    path: str
    """Relative to the directory."""
    text: str
    mode: int = 0o644
    owner: int | None = None
    """The user who has to read it. None: whoever writes it, or root."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Everything to write for one stack."""

    files: tuple[Placed, ...]
    variables: tuple[str, ...]
    """What has to be set before Compose starts it; empty with secrets."""


def render(topology: Topology, keys: Mapping[str, str] | None) -> Rendered:
    """The files of *topology*: one for each of its hosts.

    Args:
        topology: the stack.
        keys: the text of every secret, by `contents.key_of`. None: `${NAME:?}` in its place, which
            needs Docker Compose 2.23.1 or newer.
    """
    names = {service.name: variable_of(topology, service) for service in topology.services}
    held = keys if keys is not None else {k: v for one in names.values() for k, v in one.items()}
    files: list[Placed] = []
    for host in sorted({service.host for service in topology.services}):
        here = [service for service in topology.services if service.host == host]
        made = [_service(topology, service, held, locked=keys is None) for service in here]
        files += [file for one in made for file in one.files]
        suffix = f".{host}" if host else ""
        text = _document(topology, here, made, host)
        files.append(Placed(f"docker-compose{suffix}.yml", text))
    unset = sorted({name for text in held.values() for name in re.findall(r"\$\{(\w+):\?", text)})
    return Rendered(tuple(files), tuple(unset) if keys is None else ())


def variable_of(topology: Topology, service: Service) -> dict[str, str]:
    """What stands for each secret of *service* where no secret is written."""
    found = {}
    for held in secrets_of(topology, service):
        name = re.sub(r"\W", "_", f"{held.owner.name}_{held.original.name}").upper()
        template = held.secret.template.replace("$", "$$")
        optional = held.secret.optional
        hole = f"${{{name}:-}}" if optional else f"${{{name}:?a secret of {held.owner.name}}}"
        found[key_of(service, held.secret)] = template.replace("{value}", hole)
    return found


@dataclass(frozen=True, slots=True)
class _Made:
    name: str
    definition: dict[str, Any]
    files: tuple[Placed, ...]
    configs: dict[str, Any]


def _service(
    topology: Topology, service: Service, keys: Mapping[str, str], *, locked: bool
) -> _Made:
    fact = container_of(topology, service)
    names = {topology.container_name(one.name): one.name for one in topology.services}
    inside = contents(topology, service, keys)
    wanted = definition(fact, names)
    wanted["environment"] = {**wanted.get("environment", {}), **inside.plain}
    if locked:
        wanted["environment"] |= {name: keys[key] for name, key in inside.hidden.items()}
        return _with_holes(service.name, wanted, inside, keys)
    return _with_files(service.name, wanted, inside, keys)


def _with_files(
    name: str, wanted: dict[str, Any], inside: Contents, keys: Mapping[str, str]
) -> _Made:
    placed = [_placed(name, file, keys) for file in inside.files]
    mounts = [_bind(one.path, file.path) for one, file in zip(placed, inside.files, strict=True)]
    if inside.hidden:
        path = f"{SECRETS}/{name}.env"
        lines = (f"{one}={quoted(keys[key])}\n" for one, key in sorted(inside.hidden.items()))
        placed.append(Placed(path, "".join(lines), _PRIVATE))
        wanted["env_file"] = [f"./{path}"]
    if mounts:
        wanted["volumes"] = [*wanted.get("volumes", []), *mounts]
    return _Made(name, wanted, tuple(placed), {})


def _with_holes(
    name: str, wanted: dict[str, Any], inside: Contents, keys: Mapping[str, str]
) -> _Made:
    """Secret files are made by Compose itself, of what is set when it starts."""
    plain = [file for file in inside.files if file.key is None]
    made = _with_files(name, wanted, Contents(files=tuple(plain), plain={}, hidden={}), keys)
    configs, uses = {}, []
    for file in inside.files:
        if file.key is not None:
            configs[file.key] = {"content": keys[file.key]}
            use = {"source": file.key, "target": file.path, "mode": int(file.mode, 8)}
            uses.append(use | ({"uid": file.owner} if file.owner else {}))
    if uses:
        made.definition["configs"] = uses
    return _Made(name, made.definition, made.files, configs)


def _placed(name: str, file: File, keys: Mapping[str, str]) -> Placed:
    place = file.path.strip("/").replace("/", "_")
    folder = FILES if file.key is None else SECRETS
    text = file.text if file.key is None else keys[file.key]
    owner = int(file.owner) if file.owner else None
    return Placed(f"{folder}/{name}/{place}", text, int(file.mode, 8), owner)


def _bind(source: str, target: str) -> dict[str, Any]:
    return {"type": "bind", "source": f"./{source}", "target": target, "read_only": True}


def quoted(text: str) -> str:
    """*text* as a file of variables holds it, so that Compose takes no `$` for a variable."""
    if _SAFE.fullmatch(text):
        return text
    if "'" not in text and "\n" not in text:
        return f"'{text}'"
    escapes = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n"}
    return '"' + "".join(escapes.get(one, one) for one in text) + '"'


def _document(topology: Topology, here: list[Service], made: list[_Made], host: str) -> str:
    networks = {
        network.name: {
            "name": network.name,
            "driver": "bridge",
            "internal": network.internal,
            "labels": {"tame.stack": topology.stack},
            **({"ipam": {"config": [{"subnet": network.subnet}]}} if network.subnet else {}),
        }
        for network in topology.networks
        if network.host == host
    }
    configs = {name: one for part in made for name, one in part.configs.items()}
    model = {
        "name": topology.stack,
        "x-tame": {
            "environment": topology.settings.environment.value,
            "data_root": _data_root(topology, host),
        },
        "services": {one.name: one.definition for one in made},
        "networks": networks,
        **({"configs": configs} if configs else {}),
    }
    head = "".join(f"# {line}".rstrip() + "\n" for line in _readme(topology, here, host))
    return head + yaml.safe_dump(model, sort_keys=False, allow_unicode=True, width=100)


def _data_root(topology: Topology, host: str) -> str:
    """The one data tree, as *host* sees it."""
    other = topology.settings.hosts.get(host)
    return (other.data_root if other else None) or topology.data.root


def _readme(topology: Topology, here: list[Service], host: str) -> Iterable[str]:
    where = f" on the host `{host}`" if host else ""
    yield f"The stack `{topology.stack}`{where}, written by `tame render compose`."
    yield ""
    yield "Before the first start: end the stack that Pulumi made (`pulumi destroy`; directories"
    yield "stay), then `docker compose up --detach --wait` beside this file. The engine must be"
    yield "the one of these paths:"
    yield f"  data      {_data_root(topology, host)} (with its marker {MARKER})"
    for service in here:
        if directory := state_directory(topology, service):
            yield f"  state     {directory}"
    if asked := [one.name for one in here if one.app.runs == "on-demand"]:
        yield ""
        yield f"On demand: `docker compose run --rm SERVICE`, for {', '.join(asked)}."
    yield ""
    yield "Whoever reads `secrets/` owns the stack: keep it 0700, out of git, and in a backup."
    yield "What TAME did and nobody does from here on: policies before a change, backups and"
    yield "drills, healing, wiring, promotion of updates. `tame lint` still judges this file."
