"""Brings the provider up on an engine, and takes it away again."""

import hashlib
import io
import json
import tarfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import docker
import docker.errors
from docker.models.containers import Container
from docker.types import EndpointConfig, IPAMConfig, IPAMPool

from testbed.vpn import image, wan
from testbed.vpn.errors import ProviderSilent
from testbed.vpn.provider import keys as keyring
from testbed.vpn.provider.model import NETWORK, Hit, Provider


_LABEL: Final = "tame.testbed"
_CONTENT: Final = "tame.content"
_SERVER, _WITNESS = "tame-testbed-vpn-server", "tame-testbed-witness"
_PROBE: Final = f"{NETWORK}-probe"
_DEVICE: Final = "wg0"
_PATIENCE_SECONDS: Final = 60.0
_RESTART: Final[Any] = {"Name": "unless-stopped"}  # the type stubs know two of the four policies
Say = Callable[[str], None]


def ensure(
    engine_host: str,
    client: str = "dev",
    say: Say = lambda _: None,
    *,
    home: Path = keyring.HOME,
) -> Provider:
    """The provider, running, with a key and an address for *client*; does nothing twice.

    Args:
        engine_host: As `DOCKER_HOST` takes it.
        client: One name per stack; each has its own key and address in the tunnel.
        say: Is told about every step that takes more than a moment.
        home: Where the keys are kept.

    Raises:
        ProgramsMissing: A program for the image is not installed, nor can it be from here.
        ProviderSilent: It runs and does not answer.
    """
    with keyring.locked(home) as file, closing(docker.DockerClient(engine_host)) as engine:
        keys = keyring.load(file, client)
        fresh = _bring_up(engine, engine_host, keys, say)
        _add_peers(engine.containers.get(_SERVER), keys)
        if fresh:
            _prove(engine)
    mine = keys["clients"][client]
    return Provider(
        server_public_key=keyring.public(keys["server"]),
        client_private_key=mine["private"],
        client_address=mine["address"],
    )


def remove(engine_host: str) -> None:
    """Takes containers and network away; keys stay, so that stacks keep working afterwards."""
    with closing(docker.DockerClient(engine_host)) as engine:
        for name in (_SERVER, _WITNESS, _PROBE):
            _discard(engine, name)
        for network in engine.networks.list(filters={"label": _LABEL}):
            if network.name in (NETWORK, _PROBE):
                network.remove()


def hits(engine_host: str) -> tuple[Hit, ...]:
    """Every request that the witness has seen since it started, oldest first."""
    with closing(docker.DockerClient(engine_host)) as engine:
        url = f"http://127.0.0.1:{wan.WITNESS_PORT}/hits"
        code, said = _exec(engine.containers.get(_WITNESS), "wget", "-q", "-O-", url)
    if code:
        raise ProviderSilent("the witness does not answer", f"`docker logs {_WITNESS}` says why")
    return tuple(Hit(**entry) for entry in json.loads(said))


def _exec(container: Container, *argv: str) -> tuple[int, str]:
    """Exit status and output; -1 where the container does not run."""
    try:
        code, output = container.exec_run(list(argv))
    except docker.errors.APIError as error:
        return -1, str(error)
    return code or 0, b"".join([output] if isinstance(output, bytes) else output).decode()


def _bring_up(engine: docker.DockerClient, host: str, keys: keyring.Keys, say: Say) -> bool:
    """Whether anything had to be made."""
    image.build(host, image.WAN_IMAGE, image.wan_rootfs(say), say)
    built = engine.images.get(image.WAN_IMAGE).id or ""
    content = hashlib.sha256(f"{built}{keyring.public(keys['server'])}".encode()).hexdigest()[:16]
    _network(engine)
    fresh = False
    for name, make in ((_WITNESS, _make_witness), (_SERVER, _make_server)):
        if _runs(engine, name, content):
            continue
        say(f"starting {name}")
        _discard(engine, name)
        make(engine, content, keys).start()
        fresh = True
    return fresh


def _network(engine: docker.DockerClient) -> None:
    if engine.networks.list(names=[NETWORK], filters={"label": f"{_LABEL}=wan"}):
        return
    pool = IPAMPool(subnet=wan.SUBNET, gateway=wan.GATEWAY)
    engine.networks.create(
        NETWORK,
        driver="bridge",
        ipam=IPAMConfig(pool_configs=[pool]),
        labels={_LABEL: "wan"},
        check_duplicate=True,
    )


def _runs(engine: docker.DockerClient, name: str, content: str) -> bool:
    try:
        container = engine.containers.get(name)
    except docker.errors.NotFound:
        return False
    return container.status == "running" and container.labels.get(_CONTENT) == content


def _discard(engine: docker.DockerClient, name: str) -> None:
    try:
        container = engine.containers.get(name)
    except docker.errors.NotFound:
        return
    if _LABEL in container.labels:
        container.remove(force=True)


def _make_witness(engine: docker.DockerClient, content: str, _: keyring.Keys) -> Container:
    return engine.containers.create(
        image.WAN_IMAGE,
        name=_WITNESS,
        labels={_LABEL: "witness", _CONTENT: content},
        restart_policy=_RESTART,
        network=NETWORK,
        networking_config={NETWORK: _fixed(engine, wan.WITNESS)},
        ports={f"{wan.WITNESS_PORT}/tcp": (wan.GATEWAY, wan.WITNESS_PORT)},
    )


def _make_server(engine: docker.DockerClient, content: str, keys: keyring.Keys) -> Container:
    container = engine.containers.create(
        image.WAN_IMAGE,
        command=["python3", "-S", "-m", "testbed.vpn.wan.server"],
        name=_SERVER,
        labels={_LABEL: "vpn-server", _CONTENT: content},
        restart_policy=_RESTART,
        cap_add=["NET_ADMIN"],
        devices=["/dev/net/tun"],
        sysctls={"net.ipv4.ip_forward": "1"},
        network=NETWORK,
        networking_config={NETWORK: _fixed(engine, wan.SERVER)},
        ports={f"{wan.ENDPOINT_PORT}/udp": (wan.GATEWAY, wan.ENDPOINT_PORT)},
    )
    _put(container, keyring.config(keys))
    return container


def _fixed(engine: docker.DockerClient, address: str) -> EndpointConfig:
    return engine.api.create_endpoint_config(ipv4_address=address)


def _put(container: Container, config: str) -> None:
    folder, _, name = wan.CONFIG.rpartition("/")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.mode, entry.size = 0o600, len(config)
        tar.addfile(entry, io.BytesIO(config.encode()))
    container.put_archive(folder, buffer.getvalue())


def _add_peers(server: Container, keys: keyring.Keys) -> None:
    """Tells the running server about clients that it does not know yet."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    code, known = _exec(server, "wg", "show", _DEVICE, "peers")
    while code:
        if time.monotonic() > deadline:
            raise ProviderSilent("the VPN server has no tunnel", f"`docker logs {_SERVER}`")
        time.sleep(0.05)
        code, known = _exec(server, "wg", "show", _DEVICE, "peers")
    wanted = {keyring.public(entry["private"]) for entry in keys["clients"].values()}
    if wanted <= set(known.split()):
        return
    _put(server, keyring.config(keys))
    code, said = _exec(server, "wg", "syncconf", _DEVICE, wan.CONFIG)
    if code:
        raise ProviderSilent(f"the VPN server refuses its clients: {said}", "remove it and retry")


def _prove(engine: docker.DockerClient) -> None:
    """A container of another network reaches the witness without the tunnel: leaks would show."""
    url = f"http://{wan.GATEWAY}:{wan.WITNESS_PORT}/ip"
    ask = f"for n in 1 2 3 4 5; do wget -q -t 1 -T 2 -O- {url} && exit; sleep 1; done; exit 1"
    _discard(engine, _PROBE)  # of a run that was interrupted
    for left in engine.networks.list(names=[_PROBE]):
        left.remove()
    network = engine.networks.create(_PROBE, labels={_LABEL: "probe"})
    try:
        engine.containers.run(
            image.WAN_IMAGE,
            ["sh", "-c", ask],
            name=_PROBE,
            remove=True,
            network=_PROBE,
            labels={_LABEL: "probe"},
        )
    except docker.errors.ContainerError as error:
        raise ProviderSilent(
            f"containers cannot reach `{url}`",
            f"let the host's firewall accept traffic from containers to `{wan.SUBNET}`",
        ) from error
    finally:
        network.remove()
