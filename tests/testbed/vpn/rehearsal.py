"""A gluetun and its neighbours on a real engine, with every packet that leaves counted."""

import json
import os
import uuid
from dataclasses import dataclass
from typing import Any

import docker
from docker.models.containers import Container

from testbed.vpn import image, provider
from tests.harness.waiting import eventually


NAME = f"vt{uuid.uuid4().hex[:6]}"
CLIENT = f"pytest-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""Two tunnels with one key would take each other's packets."""
GLUETUN = f"tame.invalid/gluetun:{image.GLUETUN_PIN}"
_ROLE = '{"auth":"apikey","apikey":"right"}'
WEB = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=9000, bind='0.0.0.0')"
_ASK = """
import http.client
there = http.client.HTTPConnection({!r}, 8000, timeout=60)
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
TALK = """
import pathlib, socket, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
    there.settimeout(30)
    there.connect(({!r}, 53))
    question = bytes.fromhex('0001 0100 0001 0000 0000 0000 01 78 00 0001 0001')
    there.send(question)
    there.recv(512)
    pathlib.Path('/tmp/talking').touch()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        there.send(question)
        time.sleep(0.002)
"""
"""Asks the provider's resolver again and again, until there is no tunnel."""


@dataclass(frozen=True)
class Rehearsal:
    """A gluetun, a member of its namespace with a web server, and a neighbour on the network."""

    host: str
    told: provider.Provider
    gluetun: Container
    member: Container
    neighbour: Container
    start_seconds: float
    """Of processor, which the container had used when its own probe said healthy for the first
    time: a busy machine does not change it."""

    def control(self, path: str, method: str = "GET", body: str = "", key: str = "right") -> str:
        """What the control server answers the neighbour: `<code> <body>`."""
        ask = _ASK.format(self.gluetun.name, method, path, body, key)
        return said(self.neighbour, "python3", "-S", "-c", ask)[1]

    def ask_witness(self, mark: str, *, seconds: int = 30) -> str:
        """The address that the witness sees the member at, or nothing within *seconds*."""
        return asked(self.member, f"{self.told.witness_url}/{mark}", seconds=seconds)[1].strip()

    def lives(self) -> int:
        """How often the tunnel was started so far."""
        return self.gluetun.logs().count(b"Connecting to ")

    def sources(self, mark: str) -> set[str]:
        """From where the witness was asked for *mark*."""
        return {hit.source for hit in provider.hits(self.host) if hit.path == f"/{mark}"}

    def strays(self, table: str = "iptables") -> int:
        """Packets that left by neither tunnel, endpoint nor own subnet, since the start."""
        return int(self._counters(table)[-1].split()[0])

    def refusals(self) -> int:
        """How often the kernel told the endpoint that its packet found no tunnel."""
        return int(self._counters("iptables")[-2].split()[0])

    def _counters(self, table: str) -> list[str]:
        argv = (table, "--wait", "-t", "mangle", "-nvxL", "POSTROUTING")
        code, listed = said(self.gluetun, *argv)
        assert code == 0, listed
        return listed.splitlines()


def asked(container: Container, url: str, *, seconds: int = 30) -> tuple[int, str]:
    """Exit status and output of one request from inside *container*."""
    return said(container, "wget", "-q", "-t", "1", "-T", str(seconds), "-O-", url)


def said(container: Container, *argv: str) -> tuple[int, str]:
    code, output = container.exec_run(list(argv))
    assert isinstance(output, bytes)
    return code or 0, output.decode()


def make(host: str, engine: docker.DockerClient) -> Rehearsal:
    """Everything up, on a network with IPv6, and every packet that leaves counted."""
    told = provider.ensure(host, CLIENT)
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
    eventually(lambda: said(gluetun, "/gluetun-entrypoint", "healthcheck")[0] == 0, within=120)
    stats: Any = gluetun.stats(stream=False, one_shot=True)
    start_seconds = stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
    _count(gluetun, told)
    shared = f"container:{gluetun.id}"
    member = _run(engine, "member", image.WAN_IMAGE, _web(), network_mode=shared)
    neighbour = _run(engine, "neighbour", image.WAN_IMAGE, _web(), network=NAME)
    own = "http://127.0.0.1:9000/etc/"
    eventually(lambda: asked(member, own)[0] == 0 == asked(neighbour, own)[0], within=120)
    return Rehearsal(host, told, gluetun, member, neighbour, start_seconds)


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
    """After the firewall: packets that may leave return, the last rule counts the others.

    A server that goes on sending to a tunnel which is gone gets the kernel's "port unreachable": an
    answer to the endpoint, about the endpoint's own packet, and nothing of a member's.
    """
    subnets = json.loads(said(gluetun, "ip", "-j", "route", "show", "table", "main")[1])
    own = next(route["dst"] for route in subnets if route["dst"] != "default")
    endpoint = ("-d", told.endpoint_ip, "-p", "udp", "--dport", str(told.endpoint_port))
    refusal = ("-d", told.endpoint_ip, "-p", "icmp", "--icmp-type", "port-unreachable")
    plain = (("-o", "lo"), ("-o", "tun0"))
    for table, allowed in (
        ("iptables", (*plain, ("-d", own), endpoint, refusal)),
        ("ip6tables", (*plain, ("-d", "fe80::/10"), ("-d", "ff02::/16"), ("-d", "fd53::/16"))),
    ):
        for rule in (*allowed, ()):
            target = ("-j", "RETURN") if rule else ()
            argv = (table, "--wait", "-t", "mangle", "-A", "POSTROUTING", *rule, *target)
            assert said(gluetun, *argv) == (0, "")
