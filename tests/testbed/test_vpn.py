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
from tests.harness.waiting import eventually
from tests.testbed.vpn.rehearsal import (
    CLIENT,
    GLUETUN,
    KILL,
    NAME,
    TALK,
    WEB,
    Rehearsal,
    asked,
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
    image.build(host, GLUETUN, image.gluetun_rootfs())
    yield client
    for container in client.containers.list(all=True, filters={"label": f"tame.test={NAME}"}):
        container.remove(force=True)
    for network in client.networks.list(filters={"label": f"tame.test={NAME}"}):
        network.remove()
    client.close()


@pytest.fixture(scope="module")
def rehearsal(host: str, engine: docker.DockerClient) -> Rehearsal:
    """Everything up."""
    return make(host, engine)


def test_the_tunnel_is_up_after_five_seconds_work(rehearsal: Rehearsal) -> None:
    """Of processor, from the container's start until its own probe says healthy; no back-off."""
    assert rehearsal.start_seconds <= 5
    assert b"retrying in" not in rehearsal.gluetun.logs()


def test_a_leak_would_be_seen(rehearsal: Rehearsal) -> None:
    """The witness sees a container without the tunnel, at another address: these tests can fail."""
    url = f"{rehearsal.told.witness_url}/{NAME}-control"
    seen = asked(rehearsal.neighbour, url)[1].strip()

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

    assert asked(rehearsal.member, inside)[0] == 0
    assert asked(rehearsal.member, outside) == (0, f"{rehearsal.told.public_ip}\n")


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


def test_the_forwarded_port_leads_to_the_member(
    rehearsal: Rehearsal, engine: docker.DockerClient
) -> None:
    """The port that the provider gave is open at the server, and behind it is the member."""
    port = json.loads(rehearsal.control("/v1/portforward").removeprefix("200 "))["port"]
    serve = WEB.replace("9000", str(port))
    rehearsal.member.exec_run(["python3", "-S", "-c", serve], detach=True)
    witness = engine.containers.get("tame-testbed-witness")
    url = f"http://{rehearsal.told.public_ip}:{port}/etc/"

    assert port > 0
    assert eventually(lambda: asked(witness, url)[0] == 0, within=60)


def test_a_stopped_vpn_lets_nothing_out(rehearsal: Rehearsal) -> None:
    """`PUT /v1/vpn/status` stopped: no egress at all; running: through the server again.

    Not even of a member that is in the middle of a conversation.
    """
    talk = TALK.format(rehearsal.told.tunnel_gateway)
    rehearsal.member.exec_run(["python3", "-S", "-c", talk], detach=True)
    eventually(lambda: said(rehearsal.member, "cat", "/tmp/talking")[0] == 0, within=60)  # noqa: S108 - in a container
    stopped = rehearsal.control("/v1/vpn/status", "PUT", '{"status":"stopped"}')
    silence = rehearsal.ask_witness(f"{NAME}-stopped", seconds=2)
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
    lives = rehearsal.lives()
    said(rehearsal.gluetun, "python3", "-S", "-c", KILL)
    status = '200 {"status":"crashed"}'
    eventually(lambda: rehearsal.control("/v1/vpn/status").strip() == status, within=15)
    url = f"http://{rehearsal.gluetun.name}:9000/etc/"
    deadline = time.monotonic() + 10
    heard: list[tuple[str, set[str]]] = []
    while time.monotonic() < deadline:
        mark = f"{NAME}-killed-{len(heard)}"
        answer = rehearsal.ask_witness(mark, seconds=1)
        assert asked(rehearsal.neighbour, url)[0] == 0
        if rehearsal.lives() > lives:  # the machine is so busy that the back-off was shorter
            break
        heard.append((answer, rehearsal.sources(mark)))

    assert heard
    assert [one for one in heard if one != ("", set())] == []
    assert rehearsal.strays() == 0
    back = lambda: rehearsal.ask_witness(f"{NAME}-back") == rehearsal.told.public_ip  # noqa: E731
    assert eventually(back, within=120)
    assert rehearsal.strays() == 0


def test_a_server_that_goes_on_sending_is_answered_by_the_kernel_only(
    rehearsal: Rehearsal, engine: docker.DockerClient
) -> None:
    """Packets of the server for a tunnel that is gone bring no packet of a member's out."""
    rehearsal.control("/v1/vpn/status", "PUT", '{"status":"stopped"}')
    before = rehearsal.refusals()
    server = engine.containers.get("tame-testbed-vpn-server")
    inside = rehearsal.told.client_address.partition("/")[0]
    send = f"import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b'late', ('{inside}', 9))"

    def refused() -> bool:
        assert said(server, "python3", "-S", "-c", send) == (0, "")
        return rehearsal.refusals() > before

    assert eventually(refused, within=60)
    assert rehearsal.strays() == 0
    rehearsal.control("/v1/vpn/status", "PUT", '{"status":"running"}')
    assert rehearsal.told.public_ip == rehearsal.ask_witness(f"{NAME}-after")


def test_the_provider_is_made_once(rehearsal: Rehearsal, engine: docker.DockerClient) -> None:
    """Asking again changes no container and gives the same client; another name another one."""
    both = ("tame-testbed-vpn-server", "tame-testbed-witness")
    before = [engine.containers.get(name).id for name in both]
    other = provider.ensure(rehearsal.host, f"{CLIENT}-two")

    assert rehearsal.told == provider.ensure(rehearsal.host, CLIENT)
    assert rehearsal.told.client_address != other.client_address
    assert before == [engine.containers.get(name).id for name in both]


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


def test_the_container_stops_when_asked(rehearsal: Rehearsal) -> None:
    """SIGTERM ends it, tunnel and all, with success; Docker never has to kill it."""
    rehearsal.gluetun.stop(timeout=30)

    assert rehearsal.gluetun.wait()["StatusCode"] == 0
