"""The private engine and the registry: found, started once, told from others, stopped."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tame_components.domain.errors import EngineUnreachable
from testbed.engine import Daemon, EngineNotInstallable, ensure, find, install
from testbed.engine.apt import can_install
from testbed.engine.find import server_version
from testbed.engine.processes import ended, process_with, processes
from testbed.engine.sweep import sweep
from testbed.registry import PushFailed, Registry, RegistryCrashed
from tests.harness.waiting import eventually


def nat_rules() -> str:
    """The rules of the machine's address translation."""
    command = ["iptables", "--wait", "-t", "nat", "-S"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    """A second private engine, with directories of its own; short ones, as sockets need."""
    base = Path(f"/tmp/tame-{uuid.uuid4().hex[:8]}")  # noqa: S108 - a socket's path has 107 bytes
    # Not `--bridge=none`: with it `dockerd` removes docker0, which is another engine's.
    bridge = f"tame{uuid.uuid4().hex[:8]}"
    subprocess.run(["ip", "link", "add", bridge, "type", "bridge"], check=True)
    subprocess.run(["ip", "address", "add", "198.18.255.1/24", "dev", bridge], check=True)
    alone = ("--iptables=false", "--ip6tables=false", f"--bridge={bridge}")
    one = Daemon(run=base / "run", data=base / "data", options=alone)
    yield one
    with one.locked():
        one.stop(lambda _: None)
    subprocess.run(["ip", "link", "delete", bridge], check=True)
    shutil.rmtree(base)


def test_nothing_is_found_where_nothing_answers(tmp_path: Path) -> None:
    """A path without a socket, and a socket without a listener, are no engines."""
    assert server_version(f"unix://{tmp_path / 'absent.sock'}") is None
    assert server_version("tcp://127.0.0.1:1") is None


def test_a_named_engine_is_never_replaced_by_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`DOCKER_HOST` that does not answer is an error, even where another engine runs."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'absent.sock'}")

    with pytest.raises(EngineUnreachable, match=r"absent\.sock"):
        find(Daemon(run=tmp_path, data=tmp_path))


def test_who_is_not_root_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root nothing is tried, and the hint names `DOCKER_HOST`."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "platform", "linux")

    with pytest.raises(EngineNotInstallable, match="root") as caught:
        install(lambda _: None)

    assert "DOCKER_HOST" in caught.value.hint


@pytest.mark.parametrize(
    ("release", "root", "expected"),
    [
        ('ID=debian\nVERSION_ID="12"\n', True, True),
        ('ID=pop\nID_LIKE="ubuntu debian"\n', True, True),
        ("ID=fedora\n", True, False),
        ("ID=debian\n", False, False),
    ],
)
def test_packages_are_installed_by_root_on_debians_family_only(
    release: str, *, root: bool, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The family is read from os-release, children included; other users are never asked for it."""
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    file = tmp_path / "os-release"
    file.write_text(release)

    assert can_install(file) is expected


def test_a_process_is_told_by_its_arguments() -> None:
    """A process is found by program and argument, and not by either alone; its end is seen."""
    mark = uuid.uuid4().hex
    # The shell waits for its input, and lives until that is closed.
    with subprocess.Popen(["sh", "-c", "read _", mark], stdin=subprocess.PIPE) as process:
        eventually(lambda: process_with("sh", mark) == process.pid)
        assert process_with("dockerd", mark) is None
        assert process_with("sh", f"{mark}-other") is None
        assert not ended(process.pid)
        process.kill()
        eventually(lambda: ended(process.pid))  # a zombie counts: nobody has waited for it yet
        process.wait()
    assert ended(process.pid)


@pytest.mark.engine
def test_the_engine_answers_and_is_reused() -> None:
    """`ensure` returns an engine that the Docker SDK can use; twice, it is the same one."""
    engine = ensure()

    client = docker.DockerClient(base_url=engine.host)
    try:
        assert client.ping()
        assert client.version()["Version"].startswith(engine.version.partition("+")[0])
    finally:
        client.close()
    assert ensure() == engine


@pytest.mark.engine
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start an engine")
def test_a_private_engine_starts_once_and_stops_completely(daemon: Daemon) -> None:
    """Start twice: one process; a stale pid file is no obstacle; after stop nothing of it runs."""
    (daemon.run / "exec" / "containerd").mkdir(parents=True)
    for stale in (daemon.run / "docker.pid", daemon.run / "exec/containerd/containerd.pid"):
        stale.write_text(str(os.getpid()))  # a process that lives, and is no engine

    said: list[str] = []
    with daemon.locked():
        daemon.start(said.append)
        first = daemon.pid()
        daemon.start(said.append)

        assert first is not None
        assert daemon.pid() == first
        assert server_version(daemon.host) is not None
        assert os.getsid(first) == first, "it would die with the terminal"

        assert daemon.stop(said.append) is True
        assert daemon.stop(said.append) is False

    mine = [argv for _, argv in processes() if any(str(daemon.run) in word for word in argv)]
    assert mine == []
    assert server_version(daemon.host) is None


@pytest.mark.engine
def test_a_second_engine_leaves_the_first_ones_firewall_alone(
    daemon: Daemon, client: docker.DockerClient
) -> None:
    """A second engine starts only without a firewall of its own; the first one's rules stay."""
    if not ensure().private:
        pytest.skip("the firewall of an engine that others started is not ours to look at")
    with pytest.raises(EngineNotInstallable, match="another `dockerd` runs"):
        Daemon(run=daemon.run, data=daemon.data).start(lambda _: None)
    network = client.networks.create(f"test{uuid.uuid4().hex[:8]}")
    try:
        rule = f"-A DOCKER -i br-{str(network.id)[:12]} -j RETURN"
        assert rule in nat_rules()
        with daemon.locked():
            daemon.start(lambda _: None)
        assert rule in nat_rules()
    finally:
        network.remove()


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    """The SDK's client of the engine that the tests use."""
    one = docker.DockerClient(base_url=ensure().host)
    yield one
    one.close()


@pytest.fixture
def build(client: docker.DockerClient, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Builds an image of one file with the given lines of a Dockerfile; returns its name."""
    names: list[str] = []

    def one(lines: str) -> str:
        names.append(f"tame.invalid/test-{uuid.uuid4().hex[:8]}:1.0")
        directory = tmp_path / names[-1].rpartition("/")[2]
        directory.mkdir()
        (directory / "file").write_text(names[-1])
        (directory / "Dockerfile").write_text(f"FROM scratch\n{lines}\nCOPY file /file\n")
        client.images.build(path=str(directory), tag=names[-1], nocache=True, rm=True)
        return names[-1]

    yield one
    for name in names:
        client.images.remove(name, force=True)


@pytest.mark.engine
def test_what_was_pushed_is_pulled_by_its_digest(
    client: docker.DockerClient, build: Callable[[str], str], tmp_path: Path
) -> None:
    """The engine pulls the same image by the digest that a push returned; nothing is left over."""
    image = build("LABEL tame.stand-in=test")
    with Registry(tmp_path / "registry") as registry:
        digest = registry.push(ensure().host, image, "radarr", "1.0")
        name = f"{registry.address}/radarr"
        pulled = client.images.pull(name, tag=digest)
        try:
            assert pulled.id == client.images.get(image).id
            assert f"{name}@{digest}" in pulled.attrs["RepoDigests"]
        finally:
            client.images.remove(f"{name}@{digest}")
        with pytest.raises(PushFailed, match="absent"):
            registry.push(ensure().host, "tame.invalid/absent:1", "absent", "1")

    assert registry.pid() is None
    with pytest.raises(RegistryCrashed):
        _ = registry.address


@pytest.mark.engine
def test_sweeping_takes_stand_ins_and_nothing_else(
    client: docker.DockerClient, build: Callable[[str], str]
) -> None:
    """A stack's stand-in and its network go; a container of that stack that is none stays."""
    stack = f"test{uuid.uuid4().hex[:8]}"
    labels = {"tame.stack": stack}
    mine: dict[str, str | list[str] | bool] = {"label": f"tame.stack={stack}"}
    stand_in, real = build("LABEL tame.stand-in=test"), build("LABEL other=test")
    try:
        client.networks.create(f"{stack}-net", labels=labels)
        client.containers.create(stand_in, command="/file", labels=labels, name=f"{stack}-a")
        client.containers.create(real, command="/file", labels=labels, name=f"{stack}-b")

        assert sweep(ensure().host, lambda _: None, only=stack) == 2

        left = client.containers.list(all=True, filters=mine)
        assert [container.name for container in left] == [f"{stack}-b"]
        assert client.networks.list(filters=mine) == []
    finally:
        for container in client.containers.list(all=True, filters=mine):
            container.remove(force=True)
        for network in client.networks.list(filters=mine):
            network.remove()
