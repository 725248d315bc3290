"""The Docker socket: writable, unfiltered, behind a loose proxy."""

from typing import Any

import pytest

from tame_components.domain.container import Attachment, Mount
from tame_components.rules import Level, Scope
from tests.rules.stacks import SOCKET, bind, container, judged, port, stack, volume


@pytest.mark.parametrize(
    "mount",
    [
        bind(SOCKET, SOCKET),
        bind("/var/run", "/var/run"),
        bind("/run/", "/host/run"),
        bind("/", "/host"),
        bind("/run/user/1000/podman/podman.sock", SOCKET),
        bind("/run/tame-engine/docker.sock", "/sock"),
        volume("/sock", "local", o="bind", device="/run/docker.sock"),
    ],
)
def test_a_writable_socket_is_an_offence(mount: Mount) -> None:
    """By its own path, by a parent directory, or through a volume."""
    assert judged("writable-docker-socket", container(mounts=(mount,))).violations


@pytest.mark.parametrize(
    "mount",
    [
        bind(SOCKET, SOCKET, read_only=True),
        bind("/run/udev", "/run/udev"),
        bind("/var/lib/radarr", "/config"),
        bind("/srv/docker.socket-notes", "/notes"),
    ],
)
def test_a_read_only_socket_and_its_neighbours_pass(mount: Mount) -> None:
    """A neighbour of the socket is not the socket."""
    assert not judged("writable-docker-socket", container(mounts=(mount,))).violations


@pytest.mark.parametrize(
    ("name", "mount"),
    [
        ("dozzle", bind(SOCKET, SOCKET, read_only=True)),
        ("cadvisor", bind("/var/run", "/var/run", read_only=True)),
        ("node-exporter", bind(SOCKET, SOCKET, read_only=True)),
    ],
)
def test_read_only_is_no_filter(name: str, mount: Mount) -> None:
    """Through a read-only socket, a privileged container was created."""
    assert judged("unfiltered-docker-socket", container(name, mounts=(mount,))).violations


@pytest.mark.parametrize(
    ("image", "mount"),
    [
        ("tecnativa/docker-socket-proxy:0.3.0", bind(SOCKET, SOCKET, read_only=True)),
        ("wollomatic/socket-proxy:1.6.0", bind(SOCKET, SOCKET, read_only=True)),
        ("tame.invalid/socket-proxy:1.6.0", bind(SOCKET, SOCKET, read_only=True)),
        ("prom/node-exporter:1.9.1", bind("/", "/host", read_only=True)),
        ("amir20/dozzle:8.13.1", bind("/srv/dozzle", "/data")),
    ],
)
def test_the_proxy_may_hold_the_socket(image: str, mount: Mount) -> None:
    """And node-exporter may see the root read-only, which it exists for."""
    judgement = judged("unfiltered-docker-socket", container(image=image, mounts=(mount,)))

    assert not judgement.violations


def test_an_unfiltered_socket_stops_prod_and_warns_elsewhere() -> None:
    """The level is the environment's."""
    dozzle = container("dozzle", mounts=(bind(SOCKET, SOCKET, read_only=True),))
    levels = [
        judged("unfiltered-docker-socket", dozzle, Scope(environment=name)).violations[0].level
        for name in ("dev", "sandbox", "prod", "whatever")
    ]

    assert levels == [Level.ADVISORY, Level.ADVISORY, Level.MANDATORY, Level.MANDATORY]


PROXY: dict[str, Any] = {
    "image": "tecnativa/docker-socket-proxy:0.3.0",
    "attachments": (Attachment(network="socket", aliases=("socket-proxy",)),),
    "environment": {"CONTAINERS": "1", "POST": "0"},
}
CLIENT = container(
    "dozzle",
    attachments=(Attachment(network="socket"), Attachment(network="media")),
    environment={"DOZZLE_REMOTE_HOST": "tcp://socket-proxy:2375"},
)
STRANGER = container("radarr", attachments=(Attachment(network="socket"),))


@pytest.mark.parametrize(
    "fields",
    [
        {"ports": (port(2375),)},
        {"network_mode": "host"},
        {"environment": {"POST": "1"}},
        {"environment": {"EXEC": "true"}},
        {"attachments": (Attachment(network="media"),)},
        {
            "image": "wollomatic/socket-proxy:1.6.0",
            "command": ("-loglevel=info", "-allowPOST=.*"),
        },
        {
            "image": "wollomatic/socket-proxy:1.6.0",
            "environment": {"SP_ALLOW_POST": "/v1\\..{1,2}/containers/.*"},
        },
    ],
)
def test_a_proxy_that_others_reach_or_that_writes_is_an_offence(fields: dict[str, Any]) -> None:
    """Published ports, networks with a way out, and write switches."""
    proxy = container("socket-proxy", **(PROXY | fields))
    scope = stack(proxy, CLIENT, networks={"socket": True, "media": False})

    assert judged("loose-socket-proxy", proxy, scope).violations


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"environment": {"CONTAINERS": "1", "POST": "0", "ALLOW_RESTARTS": "1"}},
        {
            "image": "wollomatic/socket-proxy:1.6.0",
            "command": ("-allowGET=/v1\\..{1,2}/(version|containers/json|events)",),
        },
        {
            "image": "wollomatic/socket-proxy:1.6.0",
            "command": ("-allowPOST=/v1\\..{1,2}/containers/[a-z0-9-]+/restart",),
        },
    ],
)
def test_a_proxy_on_an_internal_network_with_its_clients_passes(fields: dict[str, Any]) -> None:
    """A healer's proxy may restart; it needs no general POST for that."""
    proxy = container("socket-proxy", **(PROXY | fields))
    scope = stack(proxy, CLIENT, networks={"socket": True, "media": False})

    assert not judged("loose-socket-proxy", proxy, scope).violations


def test_a_stranger_on_the_proxys_network_is_an_offence() -> None:
    """Whoever shares the network without being a client can use the proxy."""
    proxy = container("socket-proxy", **PROXY)
    networks = {"socket": True}

    assert judged(
        "loose-socket-proxy", proxy, stack(proxy, CLIENT, STRANGER, networks=networks)
    ).violations
    assert not judged(
        "loose-socket-proxy", proxy, stack(proxy, CLIENT, networks=networks)
    ).violations


def test_absence_is_a_fact_only_when_everything_is_known() -> None:
    """While resources still arrive, a network that was not seen yet is no offence."""
    proxy = container("socket-proxy", **PROXY)

    assert not judged("loose-socket-proxy", proxy, Scope(networks={})).violations
    assert judged("loose-socket-proxy", proxy, stack(proxy)).violations
