"""The Docker socket: who holds it owns the host."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tame_components.rules.known import ON, SOCKET_PROXIES, is_any
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container, Mount


_SOCKETS = frozenset({"docker.sock", "podman.sock", "containerd.sock"})
_PARENTS = frozenset({"/", "/run", "/var", "/var/run"})
"""Directories that contain `/run/docker.sock` or `/var/run/docker.sock`."""

_WRITES = ("POST", "EXEC", "BUILD", "COMMIT", "SECRETS", "AUTH")
"""Tecnativa's switches that give more than reading (haproxy.cfg). ALLOW_RESTARTS needs none."""

_DANGEROUS = ("/v1.41/containers/create", "/v1.41/containers/x/exec", "/v1.41/build")
_ALLOW_POST = re.compile(r"--?allowpost=(?P<pattern>.*)", re.IGNORECASE)


def _socket_mounts(container: "Container") -> "Iterator[Mount]":
    """The mounts through which the socket can be reached, by its own name or a parent's."""
    for mount in container.mounts:
        places = (mount.source, mount.target, mount.options.get("device", ""))
        named = any(PurePosixPath(place).name in _SOCKETS for place in places)
        parent = mount.kind == "bind" and str(PurePosixPath(mount.source)) in _PARENTS
        device = mount.options.get("device", "")
        if named or parent or (device and str(PurePosixPath(device)) in _PARENTS):
            yield mount


def _writable(container: "Container", _scope: Scope) -> Iterator[Finding]:
    for mount in _socket_mounts(container):
        if not mount.read_only:
            yield (
                f"`{mount.target}` mounts `{mount.source}` writable",
                "mount it read-only, and only in the socket proxy",
            )


def _unfiltered(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if is_any(container, SOCKET_PROXIES):
        return
    sees_root = is_any(container, frozenset({"node-exporter", "node_exporter"}))
    for mount in _socket_mounts(container):
        if sees_root and mount.read_only and mount.source == "/":
            continue  # it reads /proc and /sys through it: doctrine R28
        yield (
            f"`{mount.target}` gives the Docker socket unfiltered",
            "set `DOCKER_HOST=tcp://socket-proxy:2375` and add `socket-proxy` to the stack",
        )


def _loose(container: "Container", scope: Scope) -> Iterator[Finding]:
    if not is_any(container, SOCKET_PROXIES):
        return
    if container.ports or container.network_mode == "host":
        yield "the socket proxy is reachable from outside its network", "publish nothing"
    yield from _loose_networks(container, scope)
    for name in _WRITES:
        if container.environment.get(name, "").lower() in ON:
            yield f"`{name}` lets clients of the socket proxy write", f"remove `{name}`"
    for pattern in _post_patterns(container):
        if _allows_too_much(pattern):
            yield "the socket proxy allows every POST", "name the few paths that clients need"


def _loose_networks(container: "Container", scope: Scope) -> Iterator[Finding]:
    if scope.networks is None:
        return
    for network in sorted(a.network for a in container.attachments):
        internal = scope.networks.get(network, None if not scope.complete else False)
        if internal is False:
            yield (
                f"the socket proxy is on `{network}`, which is not internal",
                "give it an internal network that it shares with its clients only",
            )
        for other in scope.containers:
            if other.name != container.name and _intrudes(other, container, network):
                yield (
                    f"`{other.service or other.name}` shares `{network}` with the socket proxy",
                    "leave only the proxy's clients on that network",
                )


def _intrudes(other: "Container", proxy: "Container", network: str) -> bool:
    """Whether *other* is on *network* without being a client of *proxy*.

    A client names the proxy in its variables or arguments. On a network that is named for the
    proxy, TAME itself put the clients there, from the wires of the topology.
    """
    if network not in {attachment.network for attachment in other.attachments}:
        return False
    if other.service and proxy.service and network.endswith(f"-{proxy.service}"):
        return False
    aliases = {alias for a in proxy.attachments if a.network == network for alias in a.aliases}
    names = {proxy.name, proxy.service, *aliases} - {""}
    said = " ".join((*other.environment.values(), *other.command))
    return not any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said) for name in names)


def _post_patterns(container: "Container") -> Iterator[str]:
    """What wollomatic's proxy is told to let through, from its variable or its arguments."""
    if "SP_ALLOW_POST" in container.environment:
        yield container.environment["SP_ALLOW_POST"]
    for argument in container.command:
        if match := _ALLOW_POST.fullmatch(argument):
            yield match["pattern"]


def _allows_too_much(pattern: str) -> bool:
    try:
        compiled = re.compile(pattern.strip("'\""))
    except re.error:
        return True  # what cannot be read cannot be trusted
    return any(compiled.fullmatch(path) for path in _DANGEROUS)


WRITABLE_DOCKER_SOCKET = Rule(
    id="R11",
    name="writable-docker-socket",
    summary="The Docker socket, or a directory that contains it, is mounted writable",
    why="the container could remove or replace the socket of the whole host",
    example="volumes: [/var/run:/var/run]",
    instead="volumes: [/var/run/docker.sock:/var/run/docker.sock:ro]  # in the socket proxy",
    reads=frozenset({"mounts"}),
    adds=frozenset({"mounts"}),
    check=_writable,
)

UNFILTERED_DOCKER_SOCKET = Rule(
    id="R12",
    name="unfiltered-docker-socket",
    summary="A container that is no filtering proxy holds the Docker socket",
    why="read-only stops deleting the file, nothing else: through a read-only socket a privileged "
    "container was created and API keys were read (measured)",
    example="volumes: [/var/run/docker.sock:/var/run/docker.sock:ro]  # in dozzle",
    instead="environment: {DOCKER_HOST: tcp://socket-proxy:2375}",
    reads=frozenset({"mounts", "image"}),
    adds=frozenset({"mounts"}),
    check=_unfiltered,
)

LOOSE_SOCKET_PROXY = Rule(
    id="R13",
    name="loose-socket-proxy",
    summary="The socket proxy can be reached by others than its clients, or lets them write",
    why="whoever reaches it may start a container that owns the host",
    example="ports: ['2375:2375']; environment: {POST: 1}",
    instead="an internal network with the clients only; every switch of the proxy off but reading",
    reads=frozenset({"image", "ports", "network_mode", "attachments", "environment", "command"}),
    whole_stack=True,
    check=_loose,
)

RULES = (WRITABLE_DOCKER_SOCKET, UNFILTERED_DOCKER_SOCKET, LOOSE_SOCKET_PROXY)
