"""A service becomes the container that Compose would make."""

from pathlib import Path

import pytest

from tame_components.compose.quantities import mebibytes, seconds
from tame_components.compose.worlds import World
from tame_components.domain.health import Timing
from tests.compose.stacks import containers, written


def test_ports_short_and_long() -> None:
    """Addresses, protocols, ranges and base 60 are read as Compose reads them."""
    found = containers("ports.yml")
    short = [(p.address, p.host, p.container, p.protocol) for p in found["short"].ports]
    long = [(p.address, p.host, p.container, p.protocol) for p in found["long"].ports]

    assert short == [
        ("", 3000, 3000, "tcp"),
        ("", 8080, 80, "tcp"),
        ("127.0.0.1", 8001, 8001, "tcp"),
        ("::1", 6060, 6060, "udp"),
        ("", 9090, 8080, "tcp"),
        ("", 22, 22, "tcp"),
    ]
    assert long == [("192.168.1.10", 8443, 80, "tcp"), ("", 53, 53, "udp")]


def test_volumes_short_and_long() -> None:
    """Binds, named and anonymous volumes and their drivers are told apart."""
    mounts = {one.target: one for one in containers("volumes.yml")["radarr"].mounts}

    assert mounts["/config"].source == "./config"
    assert mounts["/data"].read_only
    assert (mounts["/named"].kind, mounts["/named"].source) == ("volume", "named")
    assert mounts["/anonymous"].kind == "volume"
    assert (mounts["/shared"].source, mounts["/shared"].read_only) == ("../shared", True)
    assert mounts["/backup"].options == {
        "type": "nfs",
        "o": "addr=10.0.0.2,rw",
        "device": ":/export",
    }
    assert mounts["/films"].source == "~/films"
    assert "/scratch" not in mounts


def test_networks_and_namespaces() -> None:
    """`service:` and `container:` lead to the service; no network is Compose's own bridge."""
    found = containers("network.yml")

    assert found["gluetun"].attachments[0].aliases == ("gluetun", "vpn")
    assert found["qbittorrent"].shares == "gluetun"
    assert found["transmission"].shares == "gluetun"
    assert found["plex"].network_mode == "host"
    assert found["sonarr"].attachments[0].network == "default"
    assert found["qbittorrent"].attachments == ()


def test_everything_else_of_a_service() -> None:
    """Limits, rights, devices, health and secrets arrive as facts."""
    one = containers("resources.yml")["jellyfin"]

    assert (one.memory_mb, one.shm_mb, one.stop_grace) == (1536, 1024, 90)
    assert (one.privileged, one.read_only, one.runtime) == (False, True, "nvidia")
    assert one.tmpfs == {"/transcode": "size=4g"}
    assert (one.groups, one.devices) == (("104",), ("/dev/dri",))
    assert one.sysctls == {"net.ipv6.conf.all.disable_ipv6": "1"}
    assert one.extra_hosts == {"nas": "10.0.0.2"}
    assert one.log_options == {"max-size": "10m", "max-file": "3"}
    assert one.command == ("--service", "--flag=1")
    assert one.secret_files == ("/run/secrets/token", "/etc/key")
    assert one.probe is not None
    assert one.probe.test == ("CMD-SHELL", "curl -f http://localhost:8096/health")
    assert one.probe.timing == Timing(interval=60, timeout=30, retries=5, start_period=90)
    assert one.restart == "no"


def test_the_other_ways_to_say_it() -> None:
    """`deploy` limits and reserves; `restart: no` is a word; a disabled check is none."""
    one = containers("resources.yml")["tdarr"]

    assert (one.memory_mb, one.gpus, one.restart, one.probe) == (512, "all", "no", None)


@pytest.mark.parametrize("word", ["true", "'True'", "yes", "on", "y", "'1'"])
def test_a_switch_takes_the_same_words_wherever_it_stands(tmp_path: Path, word: str) -> None:
    """Of a service, a mount and a probe: Compose asks one function for all."""
    text = f"""\
services:
  radarr:
    image: lscr.io/linuxserver/radarr:5.26.2
    read_only: {word}
    volumes: [{{ type: bind, source: /srv, target: /data, read_only: {word} }}]
    healthcheck: {{ test: [CMD, "true"], disable: {word} }}
"""
    one = containers(str(written(tmp_path, text)))["radarr"]

    assert (one.read_only, one.mounts[0].read_only, one.probe) == (True, True, None)


def test_what_runs_on_demand_is_known() -> None:
    """A profile without a restart policy is for `docker compose run`."""
    found = containers("profiles.yml")

    assert (found["radarr"].starts, found["watchtower"].starts) == (True, False)


def test_an_image_with_its_own_probe_is_known() -> None:
    """The catalog says which images judge their own health."""
    probe = containers("network.yml")["gluetun"].probe

    assert probe is not None
    assert probe.from_image


def test_the_three_worlds_differ_only_in_what_is_not_known() -> None:
    """A set variable is the same in each; an unset one is whatever helps or hurts."""
    kind = containers("variables.yml", World.KIND)
    unkind = containers("variables.yml", World.UNKIND)

    assert "@sha256:" in kind["radarr"].image
    assert unkind["radarr"].image == "lscr.io/linuxserver/radarr:public"
    assert kind["sonarr"] == unkind["sonarr"].model_copy(update={"mounts": kind["sonarr"].mounts})
    assert kind["radarr"].ports[0].address == "127.0.0.1"
    assert unkind["radarr"].ports[0].address == ""
    assert kind["radarr"].environment["PGID"] == unkind["radarr"].environment["PGID"] == "1000"


def test_durations_and_sizes() -> None:
    """Compose's own words for times and bytes."""
    assert [seconds(text) for text in ("1m30s", "90s", "500ms", "2h", "15", "soon", "")] == [
        90, 90, 0.5, 7200, 15, None, None,
    ]  # fmt: skip
    assert [mebibytes(text) for text in ("512m", "1.5g", "2GiB", "1073741824", "much")] == [
        512, 1536, 2048, 1024, None,
    ]  # fmt: skip
