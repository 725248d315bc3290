"""Who can reach a service from where."""

import ipaddress
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import HOST_NETWORK, USER_PLANE, is_any, is_gateway
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container, PublishedPort


_EVERYWHERE = frozenset({"", "0.0.0.0", "::", "[::]", "*"})  # noqa: S104 - what is forbidden
_BRIDGES = frozenset({"", "bridge", "default"})
_LOGIN = re.compile(r"auth|login|sso|tinyauth|oidc|saml|access\.policy", re.IGNORECASE)
_FALSE = frozenset({"false", "0", "no", "off"})


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def _for_users(container: "Container") -> bool:
    """Whether people may meet *container*: what its plane says, else what its image is."""
    return container.plane == "user" if container.plane else is_any(container, USER_PLANE)


def _open_ports(container: "Container", scope: Scope) -> "list[PublishedPort]":
    """What people can reach; ports for the stack's other machines lie at addresses of their own."""
    return [
        port
        for port in container.ports
        if not _loopback(port.address) and port.address not in scope.machine_addresses
    ]


def _exposed(container: "Container", scope: Scope) -> Iterator[Finding]:
    if _for_users(container):
        return
    hint = "publish nothing: `tame open SERVICE` forwards it, or put it behind a login"
    if is_gateway(container):
        yield from _exposed_members(container, scope)
        return
    for port in _open_ports(container, scope):
        yield f"port {port.container} can be reached beyond this host", hint
    if container.network_mode == "host" and not is_any(container, HOST_NETWORK):
        yield "every port can be reached: it is on the host's network", hint
    for how in _proxied_without_login(container):
        yield f"`{how}` publishes it without a login", hint


def _exposed_members(gateway: "Container", scope: Scope) -> Iterator[Finding]:
    """A gateway's ports are its members': open ones are for a member of the user plane only."""
    names = {gateway.service, gateway.name} - {""}
    members = [one for one in scope.containers if one.shares in names]
    if not scope.complete or any(_for_users(member) for member in members):
        return
    who = ", ".join(f"`{one.service or one.name}`" for one in members) or "its members"
    for port in _open_ports(gateway, scope):
        yield (
            f"port {port.container} of the VPN gateway opens {who} beyond this host",
            "publish it on 127.0.0.1, or not at all",
        )


def _proxied_without_login(container: "Container") -> Iterator[str]:
    """Labels and variables by which a reverse proxy or tunnel would publish *container*."""
    labels = {key.lower(): value for key, value in container.labels.items()}
    guarded = any(_LOGIN.search(f"{key}={value}") for key, value in labels.items())
    if guarded:
        return
    off = labels.get("traefik.enable", "").lower() in _FALSE
    routed = any(re.fullmatch(r"traefik\.(http|tcp)\.routers\..+\.rule", key) for key in labels)
    if not off and (routed or labels.get("traefik.enable", "").lower() == "true"):
        yield "traefik"
    if any(re.fullmatch(r"caddy(_\d+)?\.(\d+_)?reverse_proxy", key) for key in labels):
        yield "caddy"
    for tunnel in ("dockflare.enable", "cloudflare.tunnel.enable"):
        if labels.get(tunnel, "").lower() == "true":
            yield tunnel
    if container.environment.get("VIRTUAL_HOST"):
        yield "VIRTUAL_HOST"


def _unbound(container: "Container", _scope: Scope) -> Iterator[Finding]:
    for port in container.ports:
        if port.address in _EVERYWHERE:
            yield (
                f"port {port.host} listens on every address of the host",
                "name the address: the host's LAN address, or 127.0.0.1",
            )


def _host_network(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if container.network_mode == "host" and not is_any(container, HOST_NETWORK):
        yield "it is on the host's network", "put it on the stack's network"


def _default_bridge(container: "Container", _scope: Scope) -> Iterator[Finding]:
    hint = "put it on the stack's network"
    named = sorted(attachment.network for attachment in container.attachments)
    if "bridge" in named:
        yield "it is on Docker's default bridge", hint
    elif not named and not container.shares and container.network_mode in _BRIDGES:
        yield "it names no network, so Docker puts it on its default bridge", hint


EXPOSED_OPERATOR_UI = Rule(
    id="R14",
    name="exposed-operator-ui",
    summary="Something that is not for users can be reached beyond the host",
    why="an *arr without a login hands out the library, the indexers' keys and a shell script hook",
    example="ports: ['8080:8080']  # on gluetun, for qbittorrent",
    instead="no ports; `tame open qbittorrent`",
    reads=frozenset({"image", "ports", "network_mode", "labels", "environment"}),
    adds=frozenset({"ports", "environment"}),
    whole_stack=True,
    check=_exposed,
)

UNBOUND_PORT = Rule(
    id="R15",
    name="unbound-port",
    summary="A published port listens on every address of the host",
    why="Docker's port rules come before the host's firewall: `ufw` does not see the traffic",
    example="ports: ['32400:32400']",
    instead="ports: ['192.168.1.10:32400:32400']",
    reads=frozenset({"ports"}),
    adds=frozenset({"ports"}),
    check=_unbound,
)

HOST_NETWORK_MODE = Rule(
    id="R16",
    name="host-network",
    summary="A container shares the host's network without needing it",
    why="it publishes every port it ever opens, and other services cannot find it by name",
    example="network_mode: host  # sonarr",
    instead="networks: [media]",
    reads=frozenset({"image", "network_mode"}),
    check=_host_network,
)

DEFAULT_BRIDGE = Rule(
    id="R17",
    name="default-bridge",
    summary="A container is on Docker's default bridge",
    why="names do not resolve there, and everything else that forgot its network is there too",
    example="no `networks` at all",
    instead="networks: [media]",
    reads=frozenset({"attachments", "network_mode", "shares"}),
    check=_default_bridge,
)

RULES = (EXPOSED_OPERATOR_UI, UNBOUND_PORT, HOST_NETWORK_MODE, DEFAULT_BRIDGE)
