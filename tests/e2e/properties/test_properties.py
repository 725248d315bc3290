"""Every property that our containers set really changes on the container."""

import contextlib
import copy
import functools
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tame_components.domain.container import Container
from testbed.images import build
from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal
from tests.harness.vacant import free_port


HERE = Path(__file__).parent
Inspected = dict[str, Any]


class Bench:
    """One container that is changed again and again."""

    def __init__(self, stack: Rehearsal, image: str, other: str) -> None:
        self.stack = stack
        (stack.project.directory / "stacks").unlink()
        program = stack.project.directory / "stacks"
        program.mkdir()
        shutil.copy(HERE / "__main__.py", program)
        self.base: dict[str, Any] = {
            "engine": stack.settings["engine"],
            "stack": stack.stack,
            "networks": [f"{stack.stack}-a", f"{stack.stack}-b"],
            "files": {},
            "container": {
                "name": f"{stack.stack}-one",
                "image": image,
                "environment": {"A": "1"},
                "labels": {"tame.stack": stack.stack, "kind": "first"},
                "attachments": [{"network": f"{stack.stack}-a", "aliases": ["one"]}],
                "mounts": [{"source": "/srv", "target": "/data", "read_only": True}],
                "stop_grace": 5,
                "memory_mb": 64,
                "log_options": {"max-size": "10m", "max-file": "3"},
                "probe": {
                    "source": "the test",
                    "proves": "nothing",
                    "test": ["CMD", "/opt/stand-in/bin/python3", "-c", ""],
                    "timing": {"interval": 1, "timeout": 5, "retries": 3, "start_period": 5},
                },
            },
        }
        self.other = other
        self.now: Inspected = {}
        self.last: tuple[Callable[[Inspected], object], object] | None = None

    def deploy(self, facts: dict[str, Any]) -> Inspected:
        """Deploy *facts*, and say what Docker says of the container."""
        (self.stack.project.directory / "container.json").write_text(json.dumps(facts))
        outcome = self.stack.up()
        assert outcome.code == 0, outcome.text
        self.now = self.stack.container("one").attrs
        return self.now


@pytest.fixture(scope="module")
def bench(make_shared: Make, engine: str) -> Iterator[Bench]:
    """A project of one container, deployed once."""
    stack = make_shared("flaresolverr")
    image, other = build(engine, ["flaresolverr", "uptime-kuma"])
    one = Bench(stack, image, other)
    one.deploy(one.base)
    yield one
    with contextlib.suppress(AssertionError):
        stack.destroy()


@functools.cache
def port() -> int:
    """The port of the host that the container gets: looked for when it is needed, then kept."""
    return free_port()


Change = tuple[Mapping[str, Any], Callable[[Inspected], object], object]

CHANGES: dict[str, Change] = {
    "environment": (
        {"environment": {"A": "2"}},
        lambda i: "A=2" in i["Config"]["Env"],
        True,
    ),
    "labels": ({"labels": {"kind": "second"}}, lambda i: i["Config"]["Labels"]["kind"], "second"),
    "mounts": (
        {"mounts": [{"source": "/srv", "target": "/data"}]},
        lambda i: i["Mounts"][0]["RW"],
        True,
    ),
    "attachments": (
        {"attachments": [{"network": "{stack}-b", "aliases": ["two"]}]},
        lambda i: [name[-2:] for name in i["NetworkSettings"]["Networks"]],
        ["-b"],
    ),
    "ports": (
        {"ports": [{"address": "127.0.0.1", "host": "{port}", "container": 8191}]},
        lambda i: (
            i["HostConfig"]["PortBindings"]
            == {"8191/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port())}]}
        ),
        True,
    ),
    "command": ({"command": ["other"]}, lambda i: i["Config"]["Cmd"], ["other"]),
    "user": ({"user": "1234:1234"}, lambda i: i["Config"]["User"], "1234:1234"),
    "restart": (
        {"restart": "always"},
        lambda i: i["HostConfig"]["RestartPolicy"]["Name"],
        "always",
    ),
    "stop_grace": ({"stop_grace": 7}, lambda i: i["Config"]["StopTimeout"], 7),
    "memory up": (
        {"memory_mb": 128},
        lambda i: (i["HostConfig"]["Memory"], i["HostConfig"]["MemorySwap"]),
        (128 << 20, 128 << 20),
    ),
    "memory down": (
        {"memory_mb": 48},
        lambda i: (i["HostConfig"]["Memory"], i["HostConfig"]["MemorySwap"]),
        (48 << 20, 48 << 20),
    ),
    "capabilities": (
        {"capabilities": ["NET_ADMIN"]},
        lambda i: [cap.removeprefix("CAP_") for cap in i["HostConfig"]["CapAdd"] or ()],
        ["NET_ADMIN"],
    ),
    "devices": (
        {"devices": ["/dev/net/tun"]},
        lambda i: [device["PathOnHost"] for device in i["HostConfig"]["Devices"] or ()],
        ["/dev/net/tun"],
    ),
    "groups": ({"groups": ["1234"]}, lambda i: i["HostConfig"]["GroupAdd"], ["1234"]),
    "shm_mb": ({"shm_mb": 128}, lambda i: i["HostConfig"]["ShmSize"], 128 << 20),
    "tmpfs": (
        {"tmpfs": {"/scratch": "size=16m"}},
        lambda i: i["HostConfig"].get("Tmpfs"),
        {"/scratch": "size=16m"},
    ),
    "sysctls": (
        {"sysctls": {"net.ipv6.conf.all.disable_ipv6": "1"}},
        lambda i: i["HostConfig"].get("Sysctls"),
        {"net.ipv6.conf.all.disable_ipv6": "1"},
    ),
    "security_options": (
        {"security_options": ["no-new-privileges:true"]},
        lambda i: i["HostConfig"]["SecurityOpt"],
        ["no-new-privileges:true"],
    ),
    "read_only": ({"read_only": True}, lambda i: i["HostConfig"]["ReadonlyRootfs"], True),
    "extra_hosts": (
        {"extra_hosts": {"nas": "127.0.0.9"}},
        lambda i: i["HostConfig"]["ExtraHosts"],
        ["nas:127.0.0.9"],
    ),
    "log_options": (
        {"log_options": {"max-size": "1m", "max-file": "2"}},
        lambda i: i["HostConfig"]["LogConfig"]["Config"],
        {"max-size": "1m", "max-file": "2"},
    ),
    "probe": (
        {"probe.timing.interval": 2},
        lambda i: i["Config"].get("Healthcheck", {}).get("Interval"),
        2_000_000_000,
    ),
    "no probe": ({"probe": None}, lambda i: "Health" in i["State"], False),
}

ELSEWHERE = {
    "name": "test_a_renamed_container_is_another_one",
    "image": "test_an_image_is_pulled_before_the_old_container_goes",
    "network_mode": "test_a_container_on_the_hosts_network",
    "starts": "tests/toolchain/docker_provider/test_on_demand.py",
}
"""Fields with a test of their own."""

NOT_SENT = {
    "service", "app", "family", "plane", "secret_variables", "secret_files", "shares", "unknown",
    "host",
}  # fmt: skip
"""Facts about the container that are no property of it."""

REFUSED = {"privileged", "pid_mode", "ipc_mode"}
"""Facts that rules judge in others' containers; ours have no way to ask for them."""

NOT_HERE = {"gpus", "runtime"}
"""An engine without a GPU's driver refuses them; tests/domain/test_gpu.py has what is asked for."""


def _changed(bench: Bench, change: Mapping[str, Any]) -> dict[str, Any]:
    facts = copy.deepcopy(bench.base)
    for path, value in change.items():
        *parents, last = path.split(".")
        place = facts["container"]
        for parent in parents:
            place = place[parent]
        place[last] = value
    facts["container"]["labels"]["tame.stack"] = bench.stack.stack
    text = json.dumps(facts).replace("{stack}", bench.stack.stack)
    text = text.replace('"{port}"', str(port()))
    changed: dict[str, Any] = json.loads(text)
    return changed


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_property_is_changed_on_the_container(bench: Bench, name: str) -> None:
    """What `up` reports as done, `docker inspect` shows: each change follows on another one."""
    change, look, wanted = CHANGES[name]
    before = look(bench.now)
    after = bench.deploy(_changed(bench, change))

    assert before != wanted
    assert look(after) == wanted
    if bench.last:  # the change before this one is gone again
        look_back, gone = bench.last
        assert look_back(after) != gone
    bench.last = (look, wanted)


def test_a_written_file_is_another_container(bench: Bench) -> None:
    """A secret that changed reaches the container: it is made anew with the new file."""
    for text in ("first", "second"):
        bench.deploy({**bench.base, "files": {"/run/secrets/key": text}})
        read = "print(open('/run/secrets/key').read())"
        assert bench.stack.python("one", read, user="0") == text


def test_a_renamed_container_is_another_one(bench: Bench) -> None:
    """The old name goes with the old container."""
    bench.deploy(bench.base)
    facts = _changed(bench, {"name": f"{bench.stack.stack}-two"})
    (bench.stack.project.directory / "container.json").write_text(json.dumps(facts))
    outcome = bench.stack.up()

    assert outcome.code == 0, outcome.text
    assert [c.name for c in bench.stack.containers()] == [f"{bench.stack.stack}-two"]


def test_an_image_is_pulled_before_the_old_container_goes(bench: Bench) -> None:
    """A pin that cannot be had stops the update with the old container running (fault F20)."""
    before = bench.deploy(bench.base)["Id"]
    facts = _changed(bench, {"image": "tame.invalid/flaresolverr:99.99.99"})
    (bench.stack.project.directory / "container.json").write_text(json.dumps(facts))
    outcome = bench.stack.up()

    assert outcome.code != 0
    assert bench.stack.container("one").id == before
    assert bench.stack.container("one").status == "running"
    assert bench.deploy(_changed(bench, {"image": bench.other}))["Config"]["Image"] == bench.other


def test_a_container_on_the_hosts_network(bench: Bench) -> None:
    """The network mode is a property like any other: changing it makes the container anew."""
    before = bench.deploy(bench.base)["Id"]
    change: dict[str, Any] = {"attachments": [], "network_mode": "host", "probe": None}
    after = bench.deploy(_changed(bench, change))

    assert after["Id"] != before
    assert after["HostConfig"]["NetworkMode"] == "host"


def test_no_property_is_left_out() -> None:
    """A new field of a container has to be changed here, or said to be none."""
    tested = {path.split(".")[0] for change, _, _ in CHANGES.values() for path in change}

    assert set(Container.model_fields) == tested | set(ELSEWHERE) | NOT_SENT | REFUSED | NOT_HERE
