"""A gluetun and its neighbours on a real engine, with every packet that leaves counted."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import docker
from docker.models.containers import Container

from testbed.vpn import image, provider


NAME = f"vt{uuid.uuid4().hex[:6]}"
GLUETUN = f"tame.invalid/gluetun:{image.GLUETUN_PIN}"
_ROLE = '{"auth":"apikey","apikey":"right"}'
WEB = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=9000, bind='0.0.0.0')"
_ASK = """
import http.client
there = http.client.HTTPConnection({!r}, 8000, timeout=20)
there.request({!r}, {!r}, body={!r}, headers={{'X-API-Key': {!r}}})
answer = there.getresponse()
print(answer.status, answer.read().decode().strip())
"""
KILL = """
import os, pathlib
for entry in pathlib.Path('/proc').glob('[0-9]*/comm'):
    if entry.read_text().strip() == 'wireguard-go':
        os.kill(int(entry.parent.name), 9)
"""


@dataclass(frozen=True)
class Rehearsal:
    """A gluetun, a member of its namespace with a web server, and a neighbour on the network."""

    host: str
    told: provider.Provider
    gluetun: Container
    member: Container
    neighbour: Container
    healthy_after: float
    """Seconds from the start of the container."""

    def control(self, path: str, method: str = "GET", body: str = "", key: str = "right") -> str:
        """What the control server answers the neighbour: `<code> <body>`."""
        ask = _ASK.format(self.gluetun.name, method, path, body, key)
        return said(self.neighbour, "python3", "-S", "-c", ask)[1]

    def ask_witness(self, mark: str) -> str:
        """The address that the witness sees the member at, or nothing within 2 s."""
        url = f"{self.told.witness_url}/{mark}"
        return said(self.member, "wget", "-q", "-t", "1", "-T", "2", "-O-", url)[1].strip()

    def sources(self, mark: str) -> set[str]:
        """From where the witness was asked for *mark*."""
        return {hit.source for hit in provider.hits(self.host) if hit.path == f"/{mark}"}

    def strays(self, table: str = "iptables") -> int:
        """Packets that left by neither tunnel, endpoint nor own subnet, since the start."""
        lines = said(self.gluetun, table, "-t", "mangle", "-nvxL", "POSTROUTING")[1].splitlines()
        return int(lines[-1].split()[0])


def said(container: Container, *argv: str) -> tuple[int, str]:
    code, output = container.exec_run(list(argv))
    assert isinstance(output, bytes)
    return code or 0, output.decode()


def eventually(check: Callable[[], bool], within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.1)
    return False


def make(host: str, engine: docker.DockerClient) -> Rehearsal:
    """Everything up, on a network with IPv6, and every packet that leaves counted."""
    told = provider.ensure(host, "pytest")
    pools = [docker.types.IPAMPool(subnet=f"fd53:{uuid.uuid4().hex[:4]}::/64")]
    engine.networks.create(
        NAME, enable_ipv6=True, ipam=docker.types.IPAMConfig(pool_configs=pools), labels=labels()
    )
    gluetun = _run(
        engine,
        "gluetun",
        GLUETUN,
        network=NAME,
        cap_add=["NET_ADMIN"],
        devices=["/dev/net/tun"],
        environment={
            **told.environment(),
            "WIREGUARD_PRIVATE_KEY": told.client_private_key,
            "HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE": _ROLE,
            "VPN_PORT_FORWARDING": "on",
            "VPN_PORT_FORWARDING_PROVIDER": "protonvpn",
        },
    )
    begun = time.monotonic()
    healthy = lambda: said(gluetun, "/gluetun-entrypoint", "healthcheck")[0] == 0  # noqa: E731
    assert eventually(healthy, within=10), gluetun.logs().decode()
    healthy_after = time.monotonic() - begun
    _count(gluetun, told)
    shared = f"container:{gluetun.id}"
    member = _run(engine, "member", image.WAN_IMAGE, _web(), network_mode=shared)
    neighbour = _run(engine, "neighbour", image.WAN_IMAGE, _web(), network=NAME)
    own = ("wget", "-q", "-t", "1", "-O-", "http://127.0.0.1:9000/etc/")
    serving = lambda: said(member, *own)[0] == 0 == said(neighbour, *own)[0]  # noqa: E731
    assert eventually(serving, within=10)
    return Rehearsal(host, told, gluetun, member, neighbour, healthy_after)


def _web() -> list[str]:
    return ["python3", "-S", "-c", WEB]


def labels() -> dict[str, str]:
    return {"tame.test": NAME}


def _run(
    engine: docker.DockerClient,
    name: str,
    built: str,
    command: list[str] | None = None,
    **told: Any,
) -> Container:
    container = engine.containers.run(
        built, command, name=f"{NAME}-{name}", labels=labels(), detach=True, **told
    )
    assert isinstance(container, Container)
    return container


def _count(gluetun: Container, told: provider.Provider) -> None:
    """After the firewall: packets that may leave return, the last rule counts the others."""
    subnets = json.loads(said(gluetun, "ip", "-j", "route", "show", "table", "main")[1])
    own = next(route["dst"] for route in subnets if route["dst"] != "default")
    endpoint = ("-d", told.endpoint_ip, "-p", "udp", "--dport", str(told.endpoint_port))
    plain = (("-o", "lo"), ("-o", "tun0"))
    for table, allowed in (
        ("iptables", (*plain, ("-d", own), endpoint)),
        ("ip6tables", (*plain, ("-d", "fe80::/10"), ("-d", "ff02::/16"), ("-d", "fd53::/16"))),
    ):
        for rule in (*allowed, ()):
            target = ("-j", "RETURN") if rule else ()
            argv = (table, "-t", "mangle", "-A", "POSTROUTING", *rule, *target)
            assert said(gluetun, *argv) == (0, "")
