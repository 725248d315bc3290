"""Exposure: open operator UIs, unbound ports, host network, default bridge."""

from dataclasses import replace
from typing import Any

import pytest

from tame_components.domain.container import Attachment
from tame_components.domain.errors import DoctrineViolated
from tame_components.domain.rendering import container_of
from tame_components.rules import Scope, enforce_stack, scope_of
from tests.harness import stacks as example
from tests.rules.stacks import container, judged, port, stack


LAN = "192.168.1.10"
ROUTER = {"traefik.http.routers.radarr.rule": "Host(`radarr.example.org`)"}


@pytest.mark.parametrize(
    "fields",
    [
        {"ports": (port(7878, LAN),)},
        {"ports": (port(7878, ""),)},
        {"network_mode": "host"},
        {"labels": ROUTER},
        {"labels": {"caddy": "radarr.example.org", "caddy.reverse_proxy": "{{upstreams 7878}}"}},
        {"labels": {"dockflare.enable": "true"}},
        {"environment": {"VIRTUAL_HOST": "radarr.example.org"}},
        {"plane": "internal", "image": "lscr.io/linuxserver/plex:1.41.3", "ports": (port(1, LAN),)},
    ],
)
def test_an_operators_ui_beyond_the_host_is_an_offence(fields: dict[str, Any]) -> None:
    """By a port, the host's network, or a proxy without a login."""
    assert judged("exposed-operator-ui", container(**fields)).violations


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ports": (port(7878, "127.0.0.1"), port(7878, "::1"))},
        {"labels": ROUTER | {"traefik.enable": "false"}},
        {"labels": ROUTER | {"traefik.http.routers.radarr.middlewares": "authelia@docker"}},
        {"image": "lscr.io/linuxserver/plex:1.41.3", "ports": (port(32400, LAN),)},
        {"image": "sctx/overseerr:1.33.2", "labels": ROUTER},
        {"plane": "user", "ports": (port(7878, LAN),)},
    ],
)
def test_loopback_logins_and_the_user_plane_pass(fields: dict[str, Any]) -> None:
    """What people are meant to meet, and what only the host reaches."""
    assert not judged("exposed-operator-ui", container(**fields)).violations


def test_a_gateways_open_port_is_its_members() -> None:
    """A port on the VPN container opens the UI of the client behind it."""
    client = container("qbittorrent", attachments=(), shares="gluetun")
    opened = container("gluetun", ports=(port(8080, LAN),))
    closed = container("gluetun", ports=(port(8080),))
    portal = container("jellyseerr", attachments=(), shares="gluetun")

    assert judged("exposed-operator-ui", opened, stack(opened, client)).violations
    assert not judged("exposed-operator-ui", closed, stack(closed, client)).violations
    assert not judged("exposed-operator-ui", opened, stack(opened, portal)).violations


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::"])  # noqa: S104 - the offence
def test_a_port_on_every_address_is_an_offence(address: str) -> None:
    """Even a player's: Docker goes past the host's firewall."""
    assert judged("unbound-port", container("plex", ports=(port(32400, address),))).violations


@pytest.mark.parametrize("address", [LAN, "127.0.0.1", "::1"])
def test_a_port_on_a_named_address_passes(address: str) -> None:
    """The LAN's address or loopback."""
    assert not judged("unbound-port", container("plex", ports=(port(32400, address),))).violations


@pytest.mark.parametrize("name", ["sonarr", "jellyfin"])
def test_the_hosts_network_is_an_offence(name: str) -> None:
    """It publishes every port."""
    assert judged("host-network", container(name, network_mode="host")).violations


@pytest.mark.parametrize(
    "fields",
    [
        {"image": "plexinc/pms-docker:1.41.3", "network_mode": "host"},
        {"image": "prom/node-exporter:1.9.1", "network_mode": "host"},
        {"network_mode": "bridge"},
    ],
)
def test_those_that_need_the_hosts_network_pass(fields: dict[str, Any]) -> None:
    """Plex finds players by broadcast; exporters measure the host."""
    assert not judged("host-network", container(**fields)).violations


@pytest.mark.parametrize(
    "fields",
    [
        {"attachments": ()},
        {"attachments": (), "network_mode": "bridge"},
        {"attachments": (Attachment(network="bridge"),)},
    ],
)
def test_no_network_of_its_own_is_an_offence(fields: dict[str, Any]) -> None:
    """Names do not resolve on Docker's default bridge."""
    assert judged("default-bridge", container(**fields)).violations


@pytest.mark.parametrize(
    "fields",
    [
        {"network_mode": "bridge"},  # the provider's default beside a network
        {"attachments": (), "shares": "gluetun"},
        {"attachments": (), "network_mode": "container:gluetun"},
        {"attachments": (), "network_mode": "media"},
        {"attachments": (), "network_mode": "none"},  # alone on purpose
    ],
)
def test_a_network_by_any_means_passes(fields: dict[str, Any]) -> None:
    """Attached, shared, named as the mode, or deliberately none."""
    assert not judged("default-bridge", container(**fields)).violations


def test_an_open_gateway_is_left_to_the_whole_stack() -> None:
    """Before its members are known, nobody can say whose port it is."""
    gateway = container("gluetun", ports=(port(8080, LAN),))

    assert not judged("exposed-operator-ui", gateway, Scope()).violations
    assert judged("exposed-operator-ui", gateway, stack(gateway)).violations


def test_a_port_for_another_machine_is_no_exposure() -> None:
    """What is published at the address that the stack's machines share is not for people."""
    hosts = {"gpu-box": {"engine": "ssh://root@gpu-box", "address": "192.168.1.9"}}
    topology = example.topology(
        services={"tdarr": {}, "tdarr-node": {"host": "gpu-box"}},
        vpn=None,
        hosts=hosts,
        exposure={"machines_address": "10.9.0.1"},
    )
    containers = [container_of(topology, service) for service in topology.services]
    scope = scope_of(topology, containers, today="2026-11-21")

    enforce_stack(scope)
    with pytest.raises(DoctrineViolated, match="exposed-operator-ui"):
        enforce_stack(replace(scope, machine_addresses=frozenset()))
