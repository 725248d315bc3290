"""What stands in a stack's way, from the engine's own lists."""

from typing import Any

import pytest

from tame_components.domain.rendering import container_of
from tame_components.ops import preflight
from tame_components.ops.preflight import Host
from tests.harness import stacks


def _container(name: str, stack: str = "", *ports: tuple[str, int, str]) -> dict[str, Any]:
    return {
        "Names": [f"/{name}"],
        "Labels": {"tame.stack": stack} if stack else {},
        "Ports": [
            {"IP": address, "PrivatePort": 1, "PublicPort": port, "Type": kind}
            for address, port, kind in ports
        ],
    }


def _host(*containers: dict[str, Any], networks: list[dict[str, Any]] | None = None) -> Host:
    return Host(list(containers), networks or [], {})


def _ports(host: Host, **services: Any) -> list[str]:
    topology = stacks.topology(services=services)
    wanted = [container_of(topology, one) for one in topology.services]
    return list(preflight._ports(topology, host, wanted, local=False))


@pytest.mark.parametrize(
    ("address", "port", "kind", "clash"),
    [
        ("127.0.0.1", 8096, "tcp", True),
        ("0.0.0.0", 8096, "tcp", True),  # noqa: S104 - what Docker reports
        ("::", 8096, "tcp", True),
        ("192.168.1.9", 8096, "tcp", False),
        ("127.0.0.1", 8096, "udp", False),
        ("127.0.0.1", 8097, "tcp", False),
    ],
)
def test_a_port_is_taken_only_where_the_addresses_meet(
    address: str, port: int, kind: str, *, clash: bool
) -> None:
    """Another stack on another address, or the other protocol, is in nobody's way."""
    found = _ports(_host(_container("other", "", (address, port, kind))), jellyfin={})

    assert bool(found) is clash


@pytest.mark.parametrize(
    ("changes", "clash"),
    [
        ({}, True),
        ({"State": "exited"}, False),
        ({"Labels": {"tame.stack": "test"}}, False),
        ({"Mounts": [{"Source": "/srv/config/jellyfin", "RW": False}]}, False),
        ({"Mounts": [{"Source": "/srv/config", "RW": True}]}, False),
    ],
)
def test_nobody_else_writes_to_a_state(changes: dict[str, Any], *, clash: bool) -> None:
    """A stack that was adopted and not stopped would spoil the databases that both have open."""
    mount = {"Source": "/srv/config/jellyfin", "RW": True}
    old = {**_container("jellyfin"), "State": "running", "Mounts": [mount], **changes}
    topology = stacks.topology(services={"jellyfin": {}})

    found = list(preflight._states(topology, _host(old)))

    assert bool(found) is clash
    assert all("`jellyfin` runs and writes to the state of `jellyfin`" in one for one in found)


def test_our_own_containers_are_in_nobodys_way() -> None:
    """A second `up` finds its own names, ports and networks, and they are no conflict."""
    topology = stacks.topology(services={"jellyfin": {}})
    ours = _container("test-jellyfin", "test", ("127.0.0.1", 8096, "tcp"))
    network = {"Name": "test-net", "Labels": {"tame.stack": "test"}, "IPAM": {"Config": None}}
    host = _host(ours, networks=[network])

    assert _ports(host, jellyfin={}) == []
    assert list(preflight._names(topology, host)) == []
    assert list(preflight._networks(topology, host)) == []


def test_a_name_that_somebody_else_has_is_named() -> None:
    """A container without our label is never touched, only reported."""
    topology = stacks.topology(services={"jellyfin": {}})
    found = list(preflight._names(topology, _host(_container("test-jellyfin"))))

    assert found == ["name: a container that is not the stack's is called `test-jellyfin`"]


@pytest.mark.parametrize(
    ("subnet", "clash"),
    [
        ("10.89.0.0/16", True),
        ("10.89.0.128/25", True),
        ("10.90.0.0/24", False),
        ("fd00::/8", False),
    ],
)
def test_an_overlapping_subnet_is_named(subnet: str, *, clash: bool) -> None:
    """Docker would refuse it half-way; a network without a subnet says nothing."""
    topology = stacks.topology(services={"jellyfin": {}}, network={"subnet": "10.89.0.0/24"})
    other = {"Name": "other", "Labels": {}, "IPAM": {"Config": [{"Subnet": subnet}, {}]}}
    found = list(preflight._networks(topology, _host(networks=[other])))

    assert bool(found) is clash
