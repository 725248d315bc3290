"""A container says whether it works, and comes back by itself."""

import ipaddress
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tame_components.rules.known import ARRS, OWN_HEALTH_CHECK, is_any, is_gateway
from tame_components.rules.model import Finding, Rule, Scope


if TYPE_CHECKING:
    from tame_components.domain.container import Container


_PATIENCE = 30
_KEEPS_RUNNING = frozenset({"unless-stopped", "always"})
_URL = re.compile(r"[a-z]+://(?:[^/@\s]+@)?\[?([A-Za-z0-9_.:-]+?)\]?(?::\d+)?(?:[/?'\"\s]|$)")
_PROGRAMS = frozenset({"ping", "ping6", "nc", "nslookup", "dig", "host"})


def _own(container: "Container") -> bool:
    """Whether the image brings a check that the container leaves as it is."""
    by_repository = any("/" in one and f"{one}:" in container.image for one in OWN_HEALTH_CHECK)
    return by_repository or is_any(container, OWN_HEALTH_CHECK)


def _unchecked(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if not container.starts:
        return  # it runs on demand, and its exit status says how that went
    hint = "ask the application itself, e.g., `curl -fsS http://127.0.0.1:7878/ping`"
    probe = container.probe
    if probe is None:
        if not _own(container):
            yield "nobody asks whether it works", hint
    elif probe.test[:1] == ("NONE",):
        yield "its health check is turned off", hint
    elif not is_gateway(container) and _asks_only_the_internet(probe.test):
        yield "its health check asks the internet, not the application", hint


def _asks_only_the_internet(test: tuple[str, ...]) -> bool:
    hosts = list(_hosts(" ".join(test)))
    return bool(hosts) and all(map(_public, hosts))


def _hosts(text: str) -> Iterator[str]:
    """What *text*, a command, calls."""
    yield from _URL.findall(text)
    words = re.split(r"[\s;|&'\"]+", text)
    for index, word in enumerate(words):
        if word.rpartition("/")[2] in _PROGRAMS:
            rest = [one for one in words[index + 1 :] if re.fullmatch(r"[\w-]*[.:][\w.:-]+", one)]
            yield from rest[:1]


def _public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


def _impatient(container: "Container", _scope: Scope) -> Iterator[Finding]:
    probe = container.probe
    if probe is None or not probe.test or not is_any(container, ARRS):
        return
    if probe.timing.start_period < _PATIENCE:
        yield (
            f"it counts failures {probe.timing.start_period} seconds after the start",
            "set `start_period` to 60 seconds: a migration of the database takes its time",
        )


def _stays_down(container: "Container", _scope: Scope) -> Iterator[Finding]:
    if container.starts and container.restart not in _KEEPS_RUNNING:
        policy = container.restart or "no"
        yield (
            f"its restart policy is `{policy}`",
            "set `unless-stopped`; what runs on demand is made without being started",
        )


NO_HEALTH_CHECK = Rule(
    id="R29",
    name="no-health-check",
    summary="Nobody knows whether the application works, or an outage of the internet says it "
    "does not",
    why="a process that runs is no application that works; and a check that asks the internet "
    "restarts everything when the provider has a bad night",
    example="healthcheck: {test: ping -c1 8.8.8.8}",
    instead="healthcheck: {test: [CMD, curl, -fsS, 'http://127.0.0.1:7878/ping']}",
    reads=frozenset({"image", "probe", "starts"}),
    check=_unchecked,
)

IMPATIENT_HEALTH_CHECK = Rule(
    id="R29A",
    name="impatient-health-check",
    summary="The health check counts failures before the application can have started",
    why="an *arr that migrates its database is called ill, and whatever heals kills it half-way",
    example="healthcheck: {start_period: 5s}  # sonarr",
    instead="healthcheck: {start_period: 60s}",
    reads=frozenset({"image", "probe"}),
    check=_impatient,
)

STAYS_DOWN = Rule(
    id="R30",
    name="stays-down",
    summary="A container that ends stays down",
    why="after a crash or a power cut somebody has to notice; `on-failure` gives up, and does "
    "nothing after a reboot",
    example="restart: on-failure:5",
    instead="restart: unless-stopped",
    reads=frozenset({"restart", "starts"}),
    check=_stays_down,
)

RULES = (NO_HEALTH_CHECK, IMPATIENT_HEALTH_CHECK, STAYS_DOWN)
