"""The rehearsal's VPN on a real engine: what gluetun promises, the stand-in keeps.

Traffic goes to containers of this test and to the rehearsal's own wan, nowhere else.
"""

import json
import time
from collections.abc import Iterator

import docker
import docker.errors
import pytest

from testbed.engine import EngineNotInstallable, ensure
from testbed.vpn import image, provider, wan
from tests.testbed.vpn.rehearsal import (
    GLUETUN,
    KILL,
    NAME,
    WEB,
    Rehearsal,
    eventually,
    labels,
    make,
    said,
)


pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def host() -> str:
    """An engine that answers."""
    try:
        return ensure().host
    except EngineNotInstallable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def engine(host: str) -> Iterator[docker.DockerClient]:
    """A client that takes away what these tests made."""
    client = docker.DockerClient(host)
    had_provider = bool(client.networks.list(names=["tame-testbed-wan"]))
    image.build(host, GLUETUN, image.gluetun_rootfs())
    yield client
    for container in client.containers.list(all=True, filters={"label": f"tame.test={NAME}"}):
        container.remove(force=True)
    for network in client.networks.list(filters={"label": f"tame.test={NAME}"}):
        network.remove()
    if not had_provider:
        provider.remove(host)
    client.close()


@pytest.fixture(scope="module")
def rehearsal(host: str, engine: docker.DockerClient) -> Rehearsal:
    """Everything up."""
    return make(host, engine)


def test_the_tunnel_is_up_within_five_seconds(rehearsal: Rehearsal) -> None:
    """From the start of the container until its own probe says healthy."""
    assert rehearsal.healthy_after <= 5


def test_a_leak_would_be_seen(rehearsal: Rehearsal) -> None:
    """The witness sees a container without the tunnel, at another address: these tests can fail."""
    url = f"{rehearsal.told.witness_url}/{NAME}-control"
    seen = said(rehearsal.neighbour, "wget", "-q", "-t", "1", "-T", "2", "-O-", url)[1].strip()

    assert seen not in ("", rehearsal.told.public_ip)
    assert {seen} == rehearsal.sources(f"{NAME}-control")


def test_a_member_leaves_through_the_tunnel_only(rehearsal: Rehearsal) -> None:
    """The witness sees the server; no packet left by any other way, in IPv4 or IPv6."""
    assert rehearsal.told.public_ip == rehearsal.ask_witness(f"{NAME}-up")
    assert (rehearsal.strays(), rehearsal.strays("ip6tables")) == (0, 0)


def test_a_member_finds_names_inside_and_through_the_tunnel(rehearsal: Rehearsal) -> None:
    """A container's name comes from Docker, any other one from the provider."""
    inside = f"http://{rehearsal.neighbour.name}:9000/etc/"
    outside = f"http://{wan.WITNESS_NAME}:{wan.WITNESS_PORT}/ip"

    assert said(rehearsal.member, "wget", "-q", "-t", "1", "-T", "2", "-O-", inside)[0] == 0
    assert said(rehearsal.member, "wget", "-q", "-t", "1", "-T", "2", "-O-", outside) == (
        0,
        f"{rehearsal.told.public_ip}\n",
    )


def test_ipv6_leaves_nothing(rehearsal: Rehearsal) -> None:
    """On a network with IPv6 and a default route, nothing of IPv6 gets out of the namespace."""
    routes = said(rehearsal.gluetun, "ip", "-6", "route", "show", "default")[1]
    connect = "import socket; socket.create_connection(('2001:db8::1', 80), 2)"
    code, words = said(rehearsal.member, "python3", "-S", "-c", connect)

    assert "via" in routes, "the network has no way out, so the test proves nothing"
    assert code != 0, words
    assert rehearsal.strays("ip6tables") == 0
    assert "policy DROP" in said(rehearsal.gluetun, "ip6tables", "-nL", "OUTPUT")[1]


def test_the_control_server_answers_only_with_its_key(rehearsal: Rehearsal) -> None:
    """401 without the key, 200 with it, 404 for what gluetun does not have."""
    answers = {
        "/v1/vpn/status": '200 {"status":"running"}',
        "/v1/publicip/ip": f'200 {{"public_ip":"{rehearsal.told.public_ip}"}}',
        "/v1/dns/status": '200 {"status":"running"}',
        "/v1/nonsense": "404 Not Found",
    }

    assert answers == {path: rehearsal.control(path).strip() for path in answers}
    assert rehearsal.control("/v1/vpn/status", key="wrong").strip() == "401 Unauthorized"
    assert rehearsal.control("/v1/vpn/status", key="").strip() == "401 Unauthorized"


def test_the_forwarded_port_leads_to_the_member(rehearsal: Rehearsal) -> None:
    """The port that the provider gave is open at the server, and behind it is the member."""
    port = json.loads(rehearsal.control("/v1/portforward").removeprefix("200 "))["port"]
    serve = WEB.replace("9000", str(port))
    rehearsal.member.exec_run(["python3", "-S", "-c", serve], detach=True)
    witness = docker.DockerClient(rehearsal.host).containers.get("tame-testbed-witness")
    url = f"http://{rehearsal.told.public_ip}:{port}/etc/"

    assert port > 0
    assert eventually(
        lambda: said(witness, "wget", "-q", "-t", "1", "-T", "2", "-O-", url)[0] == 0, within=10
    )


def test_a_stopped_vpn_lets_nothing_out(rehearsal: Rehearsal) -> None:
    """`PUT /v1/vpn/status` stopped: no egress at all; running: through the server again."""
    stopped = rehearsal.control("/v1/vpn/status", "PUT", '{"status":"stopped"}')
    silence = rehearsal.ask_witness(f"{NAME}-stopped")
    running = rehearsal.control("/v1/vpn/status", "PUT", '{"status":"running"}')

    assert (stopped.strip(), silence) == ('200 {"outcome":"stopped"}', "")
    assert set() == rehearsal.sources(f"{NAME}-stopped")
    assert running.strip() == '200 {"outcome":"running"}'
    assert rehearsal.told.public_ip == rehearsal.ask_witness(f"{NAME}-again")
    assert rehearsal.strays() == 0


def test_a_killed_tunnel_lets_nothing_out_and_comes_back(rehearsal: Rehearsal) -> None:
    """For 10 s after SIGKILL the witness sees nothing, while the member still serves its network.

    Then gluetun's back-off is over and the traffic is back, through the server.
    """
    said(rehearsal.gluetun, "python3", "-S", "-c", KILL)
    url = f"http://{rehearsal.gluetun.name}:9000/etc/"
    deadline = time.monotonic() + 10
    served: set[int] = set()
    while time.monotonic() < deadline:
        assert rehearsal.ask_witness(f"{NAME}-killed") == ""
        served.add(said(rehearsal.neighbour, "wget", "-q", "-t", "1", "-T", "2", "-O-", url)[0])

    assert {0} == served
    assert rehearsal.control("/v1/vpn/status").strip() == '200 {"status":"crashed"}'
    assert set() == rehearsal.sources(f"{NAME}-killed")
    assert rehearsal.strays() == 0
    back = lambda: rehearsal.ask_witness(f"{NAME}-back") == rehearsal.told.public_ip  # noqa: E731
    assert eventually(back, within=20)


def test_the_provider_is_made_once(rehearsal: Rehearsal, engine: docker.DockerClient) -> None:
    """Asking again changes no container and gives the same client; another name another one."""
    before = {box.id for box in engine.containers.list(filters={"label": "tame.testbed"})}

    assert rehearsal.told == provider.ensure(rehearsal.host, "pytest")
    assert rehearsal.told.client_address != provider.ensure(rehearsal.host, "two").client_address
    assert before == {box.id for box in engine.containers.list(filters={"label": "tame.testbed"})}


@pytest.mark.usefixtures("rehearsal")
def test_a_wrong_setting_stops_the_container(engine: docker.DockerClient) -> None:
    """What gluetun refuses ends the container with its words, after the firewall is up."""
    with pytest.raises(docker.errors.ContainerError) as raised:
        engine.containers.run(
            GLUETUN,
            name=f"{NAME}-wrong",
            labels=labels(),
            network=NAME,
            cap_add=["NET_ADMIN"],
            environment={"VPN_TYPE": "wireguard", "VPN_SERVICE_PROVIDER": "acme"},
        )
    words = raised.value.container.logs().decode()

    assert words.index("enabled successfully") < words.index("VPN provider name is not valid")


def test_the_container_stops_in_two_seconds(rehearsal: Rehearsal) -> None:
    """SIGTERM ends it, tunnel and all, with success; Docker never has to kill it."""
    begun = time.monotonic()
    rehearsal.gluetun.stop(timeout=10)
    took = time.monotonic() - begun

    assert took < 2
    assert rehearsal.gluetun.wait()["StatusCode"] == 0
