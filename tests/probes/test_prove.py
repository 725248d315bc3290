"""All probes at once, against an engine that is made up, and against a real one."""

import contextlib
import datetime as dt
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import docker
import pytest

from tame_components.domain.topology import Topology
from tame_components.probes import PROBES, DockerEngine, Host, Ran, Result, Verdict, prove
from tame_components.probes.model import NOT_STARTED
from tame_components.rules import LEVELS
from tests.harness import stacks


HOST = Host(now=dt.datetime(2026, 6, 1, tzinfo=dt.UTC))


class Pretend:
    """An engine in which everything is right."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.asked: list[tuple[str, str]] = []

    def run(self, container: str, command: Sequence[str], *, user: str = "") -> Ran | None:
        """A link that is one, and a local disk."""
        self.asked.append((container, user))
        return Ran(0, "ef53\n" if "stat -f" in command[2] else "2 7 7 7\n")

    def inspect(self, container: str) -> Mapping[str, Any] | None:
        """A container that runs its planned check."""
        service = self.topology.service(container.removeprefix(f"{self.topology.stack}-"))
        assert service.app.probe
        return {
            "State": {"Running": True, "Health": {"Status": "healthy", "Log": []}},
            "Config": {"Healthcheck": {"Test": list(service.app.probe.test) or ["CMD", "x"]}},
            "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
        }

    def info(self) -> Mapping[str, Any]:
        """An engine with live-restore."""
        return {"LiveRestoreEnabled": True}


class Empty:
    """An engine with nothing on it."""

    def run(self, container: str, command: Sequence[str], *, user: str = "") -> Ran | None:
        """Nothing runs."""
        del container, command, user
        return None

    def inspect(self, container: str) -> Mapping[str, Any] | None:
        """There is none."""
        del container
        return None

    def info(self) -> Mapping[str, Any]:
        """An engine with live-restore."""
        return {"LiveRestoreEnabled": True}


def test_every_probe_asks_what_it_is_about() -> None:
    """Each rule's probe speaks; the importer links as itself, not as root."""
    topology = stacks.only("radarr", "plex", "flaresolverr")
    engine = Pretend(topology)

    results = list(prove(engine, topology, HOST))
    by = {(one.rule, one.subject): one.verdict for one in results}
    radarr = topology.service("radarr")

    assert {probe.rule for probe in PROBES} == {one.rule for one in results}
    assert {one.rule for one in PROBES} - {"R07"} <= set(LEVELS)
    assert by["R07", "radarr"] is Verdict.PROVED
    assert ("R07", "plex") not in by
    assert ("R09", "flaresolverr") not in by
    assert by["R09", "plex"] is by["R29", "plex"] is by["R30", "host"] is Verdict.PROVED
    assert by["R34", "radarr"] is Verdict.FAILED  # the stack has no backup job
    assert by["R34", "flaresolverr"] is Verdict.NOT_APPLICABLE
    assert (f"{topology.stack}-radarr", f"{radarr.uid}:13000") in engine.asked


def test_who_proves_links_otherwise_has_no_file_made() -> None:
    """Nothing of the data tree is touched for an answer that nobody reads; all else is asked."""
    topology = stacks.only("radarr", "plex")
    engine = Pretend(topology)

    rules = {one.rule for one in prove(engine, topology, HOST, links=False)}

    assert rules == {probe.rule for probe in PROBES} - {"R07"}
    assert not any(user for _, user in engine.asked)


def test_a_stack_that_is_not_there_proves_nothing() -> None:
    """No container: no probe says `proved`."""
    topology = stacks.only("radarr", "plex")
    verdicts = {one.verdict for one in prove(Empty(), topology, HOST)}

    assert Verdict.PROVED not in verdicts


Run = dict[str, Result]


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    """An engine with the stand-in of an importer."""
    from testbed.engine import ensure
    from testbed.images import build

    host = ensure().host
    build(host, ["radarr"])
    with contextlib.closing(docker.DockerClient(host, timeout=60)) as one:
        yield one


def _proved(client: docker.DockerClient, binds: dict[str, str]) -> Run:
    """What the probes say of one importer that sees *binds*, host -> container."""
    stack = f"t{secrets.token_hex(3)}"
    topology = stacks.topology(stack, services={"radarr": {}}, rehearsal=True)
    radarr = topology.service("radarr")
    container = client.containers.run(
        str(radarr.image),
        entrypoint=["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"],
        name=f"{stack}-radarr",
        labels={"tame.stack": stack},
        user=f"{radarr.uid}:13000",
        network_mode="none",
        volumes={source: {"bind": target, "mode": "rw"} for source, target in binds.items()},
        detach=True,
    )
    try:
        engine = DockerEngine(client.api)
        results = {one.rule: one for one in prove(engine, topology, HOST)}
        missing = engine.run(f"{stack}-radarr", ("no-such-program",))
        container.stop(timeout=5)
        stopped = engine.run(f"{stack}-radarr", ("sh", "-c", "true"))
    finally:
        container.remove(force=True)
    assert missing is not None
    assert missing.code in NOT_STARTED
    assert stopped is None
    assert engine.run(f"{stack}-radarr", ("sh", "-c", "true")) is None
    assert engine.inspect(f"{stack}-radarr") is None
    return results


@pytest.mark.engine
def test_only_one_mount_of_the_tree_makes_links(
    tmp_path: Path, client: docker.DockerClient
) -> None:
    """Two mounts of one file system look the same from outside, and the importer cannot link."""
    data, config = tmp_path / "data", tmp_path / "config"
    for folder in ("downloads/torrents", "media/movies", "media/music"):
        (data / folder).mkdir(parents=True)
    config.mkdir()
    for made in (tmp_path, *tmp_path.rglob("*")):
        made.chmod(0o777)

    whole = _proved(client, {str(data): "/data", str(config): "/config"})
    parts = _proved(
        client,
        {
            str(data / "downloads"): "/data/downloads",
            str(data / "media"): "/data/media",
            str(config): "/config",
        },
    )

    assert whole["R07"].verdict is Verdict.PROVED, whole["R07"]
    assert parts["R07"].verdict is Verdict.FAILED
    assert "cross-device" in parts["R07"].evidence.lower()
    assert whole["R09"].verdict is Verdict.PROVED, whole["R09"]
    assert whole["R29"].verdict is Verdict.FAILED  # this container is asked nothing
    assert whole["R30"].verdict is Verdict.FAILED  # and nobody restarts it
    assert sorted(path.name for path in data.rglob("*") if path.is_file()) == []
