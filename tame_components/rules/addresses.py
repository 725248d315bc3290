"""Services call each other by name on their own network, not round through the world."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tame_components.rules.known import gateway_named, image_name
from tame_components.rules.model import Finding, Rule, Scope, subject_of


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_URL = re.compile(
    r"https?://(?:[^/@\s,]*@)?(?P<host>[A-Za-z0-9_.-]+)(?::(?P<port>\d+))?(?=[/?,\s]|$)"
)
_CALLED = re.compile(r"(?:^|[_.])UR[LI]S?$|URL$", re.IGNORECASE)
"""How variables and labels that hold the URL of somebody else are called."""

_WIDGET = "homepage.widget.url"
"""Homepage calls it; `homepage.href` is for people (gethomepage.dev, docker labels)."""

_VENDORS = (".plex.tv", ".emby.media", ".jellyfin.org", ".servarr.com", ".notifiarr.com")
_HOST = frozenset({"host.docker.internal", "gateway.docker.internal", "host-gateway"})


class _Call(NamedTuple):
    name: str
    """The variable or label."""
    host: str
    port: int | None


def _calls(container: "Container") -> Iterator[_Call]:
    given = [*container.environment.items(), *container.labels.items()]
    for name, value in sorted(given):
        for match in _URL.finditer(value):
            port = match["port"]
            yield _Call(name, match["host"].lower(), int(port) if port else None)


def _roundabout(container: "Container", scope: Scope) -> Iterator[Finding]:
    for call in _calls(container):
        for other in scope.containers:
            if (other.name == container.name) != (call.name == _WIDGET):
                continue  # a widget's URL is that of the container which carries the label
            if other.host != container.host or other.network_mode == "host":
                continue  # only what it publishes can be reached there
            if call.name != _WIDGET and _means(call, container):
                continue  # its own public name, which it has to know
            if why := _way_round(call, other, scope):
                port = _inner_port(call, other)
                yield f"`{call.name}` {why}", f"write `http://{_home(other, scope)}{port}`"


def _way_round(call: _Call, other: "Container", scope: Scope) -> str | None:
    """How *call* goes to *other* when it does so the long way."""
    published = {port.host for port in other.ports}
    addresses = {port.address for port in other.ports} | _HOST
    if call.host in addresses and call.port in published and _outer(call.host):
        return f"calls `{subject_of(other)}` through a port of the host"
    if call.host == (other.service or other.name) != _home(other, scope):
        return f"calls `{subject_of(other)}`, which has no name of its own behind the VPN gateway"
    public = "." in call.host and call.host not in _HOST and not call.host.endswith(_VENDORS)
    if public and _CALLED.search(call.name) and _means(call, other):
        return f"calls `{subject_of(other)}` by its public name"
    return None


def _outer(host: str) -> bool:
    return host not in {"", "127.0.0.1", "::1", "localhost"}


def _means(call: _Call, other: "Container") -> bool:
    """Whether the variable is called for *other*, e.g. `RADARR_URL`; a widget is its own."""
    if call.name == _WIDGET:
        return True
    words = set(re.split(r"[^a-z0-9]+", call.name.lower()))
    names = {other.service, other.app, image_name(other.image)} - {""}
    return any(set(re.split(r"[^a-z0-9]+", name)) <= words for name in names)


def _home(other: "Container", scope: Scope) -> str:
    """The name that *other* is found under: its gateway's where it has none."""
    gateway = gateway_named(other, scope.containers)
    return subject_of(gateway or other)


def _inner_port(call: _Call, other: "Container") -> str:
    inner = (port.container for port in other.ports if port.host == call.port)
    return f":{next(inner, '<port>')}"


ROUNDABOUT_URL = Rule(
    id="R33",
    name="roundabout-url",
    summary="A service calls another one of the stack by a public name or a port of the host",
    why="the proxy's login turns the API call away, and every outage outside becomes one inside",
    example="environment: {RADARR_URL: https://radarr.example.org}",
    instead="environment: {RADARR_URL: 'http://radarr:7878'}  # behind the VPN: http://gluetun:8080",
    reads=frozenset({"environment", "labels", "ports", "network_mode", "shares"}),
    whole_stack=True,
    check=_roundabout,
)

RULES = (ROUNDABOUT_URL,)
