"""The container that Compose would make of a service, in one of the worlds."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tame_components.compose import ports, worlds
from tame_components.compose.merging import as_named, as_pairs
from tame_components.compose.nodes import Node
from tame_components.compose.probing import probe_of
from tame_components.compose.quantities import mebibytes, seconds
from tame_components.compose.services import Read
from tame_components.compose.worlds import World
from tame_components.domain.container import Attachment, Container, Mount, PublishedPort


_WELL_KNOWN = ("linuxserver", "hotio")


Facts = Callable[[World], tuple[Container, ...]]


def facts_of(reads: tuple[Read, ...]) -> Facts:
    """The containers of a whole stack, in any world."""
    names = {one.node.said("container_name"): one.name for one in reads}
    roots = [
        mount.source
        for one in reads
        for mount in one.mounts
        if mount.target == "/data" and mount.source and not mount.unknown
    ]
    root = roots[0] if roots else None
    return lambda world: tuple(
        container_of(one, world, root=root, names={k: v for k, v in names.items() if k})
        for one in reads
    )


def container_of(
    read: Read, world: World, *, root: str | None, names: Mapping[str, str]
) -> Container:
    """The container that *read* amounts to in *world*.

    Args:
        read: the service.
        world: how what is not known is filled in.
        root: what other services mount at `/data`, where that is known.
        names: container names -> services, for `container:NAME`.
    """
    node = read.node
    image = _image(read, world)
    mode, shares = _namespace(node.said("network_mode"), names)
    labels = {key: one.text for key, one in _pairs(node, "labels").items()}
    return Container(
        name=read.name,
        service=labels.get("tame.service", ""),
        app=labels.get("tame.app", ""),
        plane=labels.get("tame.plane", ""),
        image=image,
        family=next((one for one in _WELL_KNOWN if f"{one}/" in image), ""),
        environment={k: worlds.variable(k, one, world) for k, one in read.environment.items()},
        secret_variables=tuple(filter(None, labels.get("tame.secret-variables", "").split(","))),
        secret_files=tuple(_secret_files(node)),
        mounts=tuple(_mounts(read, world, root)),
        ports=_ports(read, world),
        attachments=() if mode or shares else tuple(_attachments(read)),
        network_mode=mode,
        shares=shares,
        labels=labels,
        probe=probe_of(node, image),
        command=_words(node.get("command")),
        user=worlds.user(node.said("user"), world),
        stop_grace=round(seconds(node.said("stop_grace_period")) or 10),
        restart=_restart(node),
        starts=not _on_demand(node),
        **_rights(node, world),
        **_resources(node),
        unknown=frozenset(read.blind),
    )


def _image(read: Read, world: World) -> str:
    found = read.node.get("image")
    return (worlds.image(found, world) or found.text) if found else ""


def _rights(node: Node, world: World) -> dict[str, Any]:
    """What the container may do, as fields."""
    return {
        "capabilities": _texts(node, "cap_add"),
        "devices": tuple(_device(one) for one in node.listed("devices")),
        "groups": _texts(node, "group_add"),
        "sysctls": {key: one.text for key, one in _pairs(node, "sysctls").items()},
        "security_options": _texts(node, "security_opt"),
        "privileged": worlds.switch(node.get("privileged"), world),
        "read_only": worlds.switch(node.get("read_only"), world),
        "pid_mode": node.said("pid"),
        "ipc_mode": node.said("ipc"),
        "extra_hosts": {key: one.text for key, one in _pairs(node, "extra_hosts").items()},
    }


def _resources(node: Node) -> dict[str, Any]:
    """What the container may use, as fields."""
    limit = node.get("mem_limit") or node.get("deploy", "resources", "limits", "memory")
    options = node.get("logging", "options")
    return {
        "memory_mb": (mebibytes(limit.text) or 1) if limit and limit.text else None,
        "gpus": _gpus(node),
        "runtime": node.said("runtime"),
        "shm_mb": mebibytes(node.said("shm_size")),
        "tmpfs": dict(_mount_options(text) for text in _texts(node, "tmpfs")),
        "log_options": {key: one.text for key, one in options.keys.items()} if options else {},
    }


def _gpus(node: Node) -> str:
    if node.get("gpus"):
        return "all"
    reserved = node.listed("deploy", "resources", "reservations", "devices")
    return "all" if any("gpu" in _texts(one, "capabilities") for one in reserved) else ""


def _mount_options(text: str) -> tuple[str, str]:
    path, _, options = text.partition(":")
    return path, options


def _device(one: Node) -> str:
    source = one.get("source")
    return source.text if source else one.text.partition(":")[0]


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(one.text for one in node.listed(key))


def _pairs(node: Node, key: str) -> Mapping[str, Node]:
    found = node.get(key)
    return as_pairs(found).keys if found else {}


def _words(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    if isinstance(node.value, list):
        return tuple(one.text for one in node.value)
    try:
        return tuple(shlex.split(node.text))
    except ValueError:
        return tuple(node.text.split())


def _namespace(text: str, names: Mapping[str, str]) -> tuple[str, str]:
    """Docker's network mode, and the service whose namespace it is instead."""
    kind, _, name = text.partition(":")
    if kind == "service":
        return "", name
    if kind == "container" and name in names:
        return "", names[name]
    return text, ""


def _attachments(read: Read) -> Iterable[Attachment]:
    found = read.node.get("networks")
    named = as_named(found).keys if found and found.value else {}
    if not named:
        yield Attachment(network="default", aliases=(read.name,))  # Compose's own bridge
    for name, how in named.items():
        yield Attachment(network=name, aliases=(read.name, *_texts(how, "aliases")))


def _mounts(read: Read, world: World, root: str | None) -> Iterable[Mount]:
    for one in read.mounts:
        if one.kind not in {"bind", "volume"} or not one.target:
            continue
        source = worlds.source(one.source, one.target, world, root) if one.unknown else one.source
        yield Mount(
            kind="bind" if one.kind == "bind" else "volume",
            source=source,
            target=one.target,
            read_only=one.read_only,
            driver=one.driver,
            options=dict(one.options),
        )


def _ports(read: Read, world: World) -> tuple[PublishedPort, ...]:
    found = (ports.published(one, world) for one in read.ports)
    return tuple(one for one in found if one)


def _secret_files(node: Node) -> Iterable[str]:
    for one in node.listed("secrets"):
        target = (one.get("target") or one.get("source") or one).text
        yield target if target.startswith("/") else f"/run/secrets/{target}"


def _on_demand(node: Node) -> bool:
    """Whether Compose makes it for `run` alone: a profile, and nothing that starts it again."""
    return bool(node.listed("profiles")) and _restart(node) == "no"


def _restart(node: Node) -> str:
    """Compose's default is `no`; YAML may take the word for a boolean."""
    policy = node.get("deploy", "restart_policy", "condition")
    if policy and not node.get("restart"):
        return {"any": "always", "none": "no"}.get(policy.text, policy.text)
    text = node.said("restart")
    return "no" if text in {"", "false"} else text
