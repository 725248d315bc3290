"""A stack with a download client behind the VPN: up, at rest, linked, tunnelled."""

import json

import httpx
import pytest

from testbed.vpn import provider as vpn
from tests.e2e.conftest import CLIENT, Make
from tests.harness.rehearsal import Outcome, Rehearsal
from tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def first_up(make_shared: Make) -> tuple[Rehearsal, Outcome]:
    """The stack, and what its first `up` did."""
    stack = make_shared("gluetun", "prowlarr", "qbittorrent", "radarr", tunnel=True)
    return stack, stack.up()


@pytest.fixture(scope="module")
def stack(first_up: tuple[Rehearsal, Outcome]) -> Rehearsal:
    """The stack, up."""
    rehearsal, outcome = first_up
    assert outcome.code == 0, outcome.text
    return rehearsal


def _health(stack: Rehearsal) -> dict[str, str]:
    return {c.name or "": c.attrs["State"]["Health"]["Status"] for c in stack.containers()}


def test_one_up_ends_with_every_service_healthy(
    first_up: tuple[Rehearsal, Outcome],
) -> None:
    """`pulumi up` comes back only when each service works, and says so with its exit status."""
    stack, outcome = first_up

    assert outcome.code == 0, outcome.text
    assert set(_health(stack).values()) == {"healthy"}
    assert len(_health(stack)) == 4
    assert outcome.of("create") >= {"gluetun", "qbittorrent", "radarr", "prowlarr", "media"}


def test_a_second_up_changes_nothing(stack: Rehearsal) -> None:
    """A program at rest stays at rest, in preview, in update and after a refresh."""
    assert stack.preview("--expect-no-changes").steps == ()
    second = stack.up("--expect-no-changes")
    refreshed = stack.refresh("--expect-no-changes")

    assert (second.code, second.steps) == (0, ()), second.text
    assert refreshed.code == 0, refreshed.text
    assert stack.preview("--expect-no-changes").code == 0


LINK = """
import json, os
download = "/data/downloads/torrents/movies/film.mkv"
film = "/data/media/movies/film.mkv"
open(download, "wb").write(b"film")
os.link(download, film)
print(json.dumps([os.stat(download).st_ino == os.stat(film).st_ino, os.stat(film).st_nlink]))
"""

WRITE = """
import os
os.umask(0o002)
open("/data/downloads/torrents/tv/show.mkv", "w").write("show")
"""

MOVE = """
import os
os.rename("/data/downloads/torrents/tv/show.mkv", "/data/media/tv/show.mkv")
show = os.stat("/data/media/tv/show.mkv")
print(show.st_uid == os.getuid(), show.st_gid == os.getgid())
"""

KNOCK = """
import sys, time, urllib.request
url, seconds = {url!r}, {seconds}
end = time.monotonic() + seconds
while True:
    try:
        print(urllib.request.urlopen(url, timeout=30 if not seconds else 1).read().decode())
    except OSError:
        time.sleep(0.2)
    if time.monotonic() > end:
        break
"""

KILL = """
for process in /proc/[0-9]*; do
    grep -aq wireguard-go $process/cmdline && kill -9 ${process#/proc/}
done
true
"""


def _knock(stack: Rehearsal, caller: str, url: str, seconds: int = 0) -> str:
    """What *caller* gets at *url*; it asks once, or again and again for *seconds*."""
    return stack.python(caller, KNOCK.format(url=url, seconds=seconds))


def test_a_link_from_download_to_library_is_a_link(stack: Rehearsal) -> None:
    """Made inside the importer's container: one inode, two links (measured fact 1)."""
    assert json.loads(stack.python("radarr", LINK)) == [True, 2]


def test_what_the_client_writes_the_importer_may_change(stack: Rehearsal) -> None:
    """Users differ, the group and its permissions agree (umask 002, setgid folders)."""
    stack.python("qbittorrent", WRITE)

    assert stack.python("radarr", MOVE) == "False True"


def test_the_keys_are_the_derived_ones_from_the_first_start(stack: Rehearsal) -> None:
    """Nothing is scraped: the key that the stack derived opens the API, another one does not."""
    key = stack.python("radarr", "print(open('/run/secrets/api-key').read())", user="0")
    base = f"http://{_address(stack, 'radarr')}:7878/api/v3/system/status"

    assert httpx.get(base, headers={"X-Api-Key": key}, timeout=30).json()["appName"] == "Radarr"
    assert httpx.get(base, headers={"X-Api-Key": "0" * 32}, timeout=30).status_code == 401
    assert httpx.get(base, timeout=30).status_code == 401


def _address(stack: Rehearsal, service: str) -> str:
    networks = stack.container(service).attrs["NetworkSettings"]["Networks"]
    address: str = networks[f"{stack.stack}-net"]["IPAddress"]
    return address


def test_callers_reach_the_client_at_the_gateway(stack: Rehearsal) -> None:
    """The derived URL of a member works from where its callers are."""
    assert "qBittorrent" in _knock(stack, "radarr", "http://gluetun:8080/")


def test_the_client_leaves_through_the_tunnel(stack: Rehearsal, engine: str) -> None:
    """What the world sees of the client is the VPN server's address."""
    provider = vpn.ensure(engine, client=CLIENT)

    assert provider.public_ip in _knock(stack, "qbittorrent", f"{provider.witness_url}/ip")


def test_without_the_tunnel_nothing_leaves_and_the_ui_stays(stack: Rehearsal, engine: str) -> None:
    """The kill switch holds for ten seconds without a tunnel; callers still get an answer."""
    provider = vpn.ensure(engine, client=CLIENT)
    path = f"/leak-{stack.stack}"
    assert stack.container("gluetun").exec_run(["sh", "-c", KILL]).exit_code == 0

    assert "qBittorrent" in _knock(stack, "radarr", "http://gluetun:8080/")
    _knock(stack, "qbittorrent", f"{provider.witness_url}{path}", seconds=10)
    seen = [hit for hit in vpn.hits(engine) if path in hit.path]
    assert [hit for hit in seen if hit.source != provider.public_ip] == []
    eventually(
        lambda: provider.public_ip in _knock(stack, "qbittorrent", f"{provider.witness_url}/ip"),
        within=120,
    )


def test_a_changed_gateway_takes_its_members_along(stack: Rehearsal) -> None:
    """One `up` replaces gateway and members: a namespace dies with its container (gluetun 641)."""
    before = {one: stack.container(one).id for one in ("gluetun", "qbittorrent", "radarr")}
    services = {**stack.settings["services"]}
    gateway = services["gluetun"]
    services["gluetun"] = {
        **gateway,
        "environment": {**gateway["environment"], "LOG_LEVEL": "debug"},
    }
    stack.change(services=services)
    outcome = stack.up()
    after = {one: stack.container(one).id for one in before}

    assert outcome.code == 0, outcome.text
    assert after["gluetun"] != before["gluetun"]
    assert after["qbittorrent"] != before["qbittorrent"]
    assert after["radarr"] == before["radarr"]
    mode = stack.container("qbittorrent").attrs["HostConfig"]["NetworkMode"]
    assert mode == f"container:{after['gluetun']}"
    assert set(_health(stack).values()) == {"healthy"}
    test_callers_reach_the_client_at_the_gateway(stack)
