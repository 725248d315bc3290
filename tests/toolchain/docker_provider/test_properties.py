"""Every property that is accepted is on the container, and is no difference afterwards."""

import base64
import io
import tarfile
from typing import Any

import pytest
from docker.api.client import APIClient

from testbed.toolchain.docker_provider.container_table import CONTAINER
from tests.harness.vacant import free_subnet
from tests.toolchain.docker_provider.conftest import IMAGE, RUNS, Failure, Resource


pytestmark = pytest.mark.engine

MEBIBYTE = 1024 * 1024
LOGS = {"max-size": "10m", "max-file": "2"}
"""Both, for an engine's own defaults fill in what is missing (dockerd, `log-opts`)."""

# name of the property: (its value, where the engine shows it, what it shows)
HOST: dict[str, tuple[Any, str, Any]] = {
    "capabilities": ({"adds": ["NET_ADMIN"], "drops": ["MKNOD"]}, "CapAdd", ["NET_ADMIN"]),
    "cgroupParent": ("/tame-test", "CgroupParent", "/tame-test"),
    "cpuSet": ("0", "CpusetCpus", "0"),
    "cpuShares": (100, "CpuShares", 100),
    "cpus": ("0.5", "NanoCpus", 500_000_000),
    "dns": (["1.1.1.1"], "Dns", ["1.1.1.1"]),
    "dnsOpts": (["ndots:1"], "DnsOptions", ["ndots:1"]),
    "dnsSearches": (["x.test"], "DnsSearch", ["x.test"]),
    "groupAdds": (["44"], "GroupAdd", ["44"]),
    "hosts": ([{"host": "a", "ip": "127.0.0.2"}], "ExtraHosts", ["a:127.0.0.2"]),
    "init": (True, "Init", True),
    "ipcMode": ("shareable", "IpcMode", "shareable"),
    "logOpts": (LOGS, "LogConfig.Config", LOGS),
    "logDriver": ("local", "LogConfig.Type", "local"),
    "maxRetryCount": (3, "RestartPolicy.MaximumRetryCount", 3),
    "networkMode": ("none", "NetworkMode", "none"),
    "pidMode": ("host", "PidMode", "host"),
    "readOnly": (True, "ReadonlyRootfs", True),
    "restart": ("on-failure", "RestartPolicy.Name", "on-failure"),
    "runtime": ("runc", "Runtime", "runc"),
    "securityOpts": (["no-new-privileges:true"], "SecurityOpt", ["no-new-privileges:true"]),
    "shmSize": (128, "ShmSize", 128 * MEBIBYTE),
    "sysctls": ({"net.ipv4.ip_forward": "1"}, "Sysctls", {"net.ipv4.ip_forward": "1"}),
    "tmpfs": ({"/transcode": "size=64m"}, "Tmpfs", {"/transcode": "size=64m"}),
    "devices": (
        [{"hostPath": "/dev/null", "containerPath": "/dev/other", "permissions": "rwm"}],
        "Devices",
        [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/other", "CgroupPermissions": "rwm"}],
    ),
    "ulimits": (
        [{"name": "nofile", "soft": 1024, "hard": 2048}],
        "Ulimits",
        [{"Name": "nofile", "Soft": 1024, "Hard": 2048}],
    ),
    "ports": (
        [{"internal": 8989, "external": 18989, "ip": "127.0.0.1"}],
        "PortBindings",
        {"8989/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18989"}]},
    ),
    "volumes": (
        [{"hostPath": "/tmp", "containerPath": "/data", "readOnly": True}],  # noqa: S108 - a mount
        "Binds",
        ["/tmp:/data:ro"],  # noqa: S108 - a mount
    ),
    "mounts": (
        [{"type": "bind", "source": "/tmp", "target": "/data", "readOnly": True}],  # noqa: S108
        "Mounts",
        [{"Type": "bind", "Source": "/tmp", "Target": "/data", "ReadOnly": True}],  # noqa: S108
    ),
}
CONFIG: dict[str, tuple[Any, str, Any]] = {
    "domainname": ("d.test", "Domainname", "d.test"),
    "entrypoints": (["/bin/busybox"], "Entrypoint", ["/bin/busybox"]),
    "envs": (["A=1", "B=2"], "Env", ["A=1", "B=2", "BROUGHT=by-the-image"]),
    "hostname": ("h", "Hostname", "h"),
    "labels": ([{"label": "a", "value": "b"}], "Labels", {"a": "b", "tame.stand-in": "test"}),
    "stdinOpen": (True, "OpenStdin", True),
    "stopSignal": ("SIGINT", "StopSignal", "SIGINT"),
    "stopTimeout": (120, "StopTimeout", 120),
    "tty": (True, "Tty", True),
    "user": ("1000:1000", "User", "1000:1000"),
    "workingDir": ("/bin", "WorkingDir", "/bin"),
    "healthcheck": (
        {"tests": ["CMD", "/x"], "interval": "1m30s", "timeout": "2s", "startPeriod": "5s"},
        "Healthcheck",
        {
            "Test": ["CMD", "/x"],
            "Interval": 90_000_000_000,
            "Timeout": 2_000_000_000,
            "StartPeriod": 5_000_000_000,
        },
    ),
}


def found(shown: Any, path: str) -> Any:
    for key in path.split("."):
        shown = shown[key]
    return shown


def run(container: Resource, api: APIClient, name: str, **inputs: Any) -> dict[str, Any]:
    """Make a container with *inputs*, show it, and refresh: nothing may differ."""
    wanted: dict[str, Any] = {"name": name, "image": IMAGE, "command": RUNS, "start": False}
    wanted |= inputs
    container.create(**wanted)
    shown: dict[str, Any] = api.inspect_container(name)
    assert container.read()
    again = set(container.diff(**wanted).diffs)
    # One that was not started is not running: that alone may differ.
    assert again <= ({"mustRun"} if wanted["start"] is False else set())
    return shown


@pytest.mark.parametrize("prop", HOST)
def test_host_property(prop: str, container: Resource, api: APIClient, name: str) -> None:
    """The engine's own view of the container holds the property as the program said it."""
    value, where, what = HOST[prop]
    extra: dict[str, Any] = {"restart": "on-failure"} if prop == "maxRetryCount" else {}
    if (
        prop == "ports"
    ):  # as in the official plugin, a container that must run and does not has none
        extra = {"mustRun": False}
    shown = run(container, api, name, **{prop: value}, **extra)
    assert found(shown["HostConfig"], where) == what


@pytest.mark.parametrize("prop", CONFIG)
def test_config_property(prop: str, container: Resource, api: APIClient, name: str) -> None:
    """The engine's own view of the container holds the property as the program said it."""
    value, where, what = CONFIG[prop]
    extra = {"command": RUNS[1:]} if prop == "entrypoints" else {}
    shown = run(container, api, name, **{prop: value}, **extra)
    if prop == "envs":  # Docker adds one of its own
        shown["Config"]["Env"] = [one for one in shown["Config"]["Env"] if "PATH=" not in one]
    assert found(shown["Config"], where) == what


def test_memory(container: Resource, api: APIClient, name: str) -> None:
    """Memory is counted in MiB; without a swap limit, Docker sets one and every preview differs."""
    shown = run(container, api, name, memory=64, memorySwap=128, memoryReservation=32)
    host = shown["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (64 * MEBIBYTE, 128 * MEBIBYTE)
    assert host["MemoryReservation"] == 32 * MEBIBYTE
    container.delete()
    wanted = {"name": name, "image": IMAGE, "command": RUNS, "memory": 64, "networkMode": "none"}
    container.create(**wanted)
    assert list(container.diff(**wanted).diffs) == ["memorySwap"]
    with pytest.raises(Failure, match="update the memoryswap at the same time"):
        container.update(**wanted | {"memory": 512})
    assert container.state["memory"] == 64


def test_uploads(container: Resource, api: APIClient, name: str) -> None:
    """Files are there before the container starts, with their content and mode, owned by root."""
    uploads: list[dict[str, Any]] = [
        {"file": "/run/secrets/a", "content": "plain", "permissions": "0400"},
        {"file": "/opt/b", "contentBase64": base64.b64encode(b"\x00\x01").decode()},
        {"file": "/opt/c", "content": "#!", "executable": True},
    ]
    run(container, api, name, uploads=uploads)
    seen = {}
    for upload in uploads:
        stream, _ = api.get_archive(name, upload["file"])
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
            (entry,) = tar.getmembers()
            file = tar.extractfile(entry)
            assert file is not None
            seen[upload["file"]] = (file.read(), entry.mode & 0o777, entry.uid)
    assert seen == {
        "/run/secrets/a": (b"plain", 0o400, 0),
        "/opt/b": (b"\x00\x01", 0o644, 0),
        "/opt/c": (b"#!", 0o744, 0),
    }


def test_uploads_and_a_read_only_root(container: Resource, name: str) -> None:
    """Docker refuses to copy files into a read-only container: a component may not ask for both."""
    with pytest.raises(Failure, match="read-only"):
        container.create(
            name=name,
            image=IMAGE,
            command=RUNS,
            readOnly=True,
            uploads=[{"file": "/a", "content": "x"}],
        )


def test_a_stopped_container_with_ports(
    container: Resource, network: Resource, api: APIClient, name: str
) -> None:
    """One that was stopped by hand is replaced, not started, as by the official plugin.

    It has no ports left to compare with.
    """
    network.create(name=name)
    wanted: dict[str, Any] = {
        "name": name,
        "image": IMAGE,
        "command": RUNS,
        "networksAdvanced": [{"name": name}],
        "ports": [{"internal": 80, "ip": "127.0.0.1"}],
    }
    container.create(**wanted)
    assert container.read()
    assert not container.diff(**wanted).diffs
    api.stop(name, timeout=0)
    assert container.read()
    assert list(container.diff(**wanted).replaces) == ["ports"]
    container.delete()


def test_networks(container: Resource, network: Resource, api: APIClient, name: str) -> None:
    """Aliases and a fixed address on the stack's network, and nothing on Docker's own."""
    subnet = free_subnet()
    network.create(name=name, ipamConfigs=[{"subnet": str(subnet)}])
    joined = [{"name": name, "aliases": ["radarr"], "ipv4Address": str(subnet[9])}]
    shown = run(container, api, name, networksAdvanced=joined, start=True)
    networks = shown["NetworkSettings"]["Networks"]
    assert set(networks) == {name}
    assert networks[name]["IPAddress"] == str(subnet[9])
    assert "radarr" in networks[name]["Aliases"]
    container.delete()


def test_a_shared_namespace(container: Resource, api: APIClient, name: str) -> None:
    """A member shares the network namespace of another container, named by its id."""
    container.create(name=name, image=IMAGE, command=RUNS, networkMode="none")
    member = Resource(container.stub, "Container")
    own = f"{name}-member"
    shown = run(member, api, own, networkMode=f"container:{container.id}", start=True)
    assert shown["HostConfig"]["NetworkMode"] == f"container:{container.id}"
    member.delete()


def test_devices_and_gpus_reach_the_engine(container: Resource, name: str) -> None:
    """A machine without a GPU says so: the request was passed on."""
    with pytest.raises(Failure, match="could not select device driver"):
        container.create(name=name, image=IMAGE, command=RUNS, gpus="all", networkMode="none")


def test_import(container: Resource, api: APIClient, name: str) -> None:
    """A container that Pulumi has never seen is taken over without a difference."""
    wanted: dict[str, Any] = {
        "name": name,
        "image": IMAGE,
        "command": RUNS,
        "envs": ["A=1"],
        "labels": [{"label": "a", "value": "b"}],
        "networkMode": "none",
        "restart": "always",
        "logOpts": LOGS,
        "volumes": [{"hostPath": "/tmp", "containerPath": "/data"}],  # noqa: S108 - a mount
    }
    container.create(**wanted)
    container.state, container.inputs = {}, {}
    assert container.read()
    assert container.state["id"] == api.inspect_container(name)["Id"]
    assert not container.diff(**wanted).diffs


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"deviceCgroupRules": ["c 1:1 rwm"]}, "`deviceCgroupRules` is not implemented"),
    "nested": (
        {"uploads": [{"file": "/a", "content": "secret", "colour": 1}]},
        "`uploads[0].colour` is not implemented",
    ),
    "output": ({"exitCode": 1}, "`exitCode` is an output"),
    "type": ({"memory": "lots"}, "`memory` must be a number"),
    "value": ({"restart": "sometimes"}, "`restart` has a wrong value; allowed: `no`"),
    "duration": ({"healthcheck": {"interval": "1 s"}}, "`healthcheck.interval` has a wrong value"),
    "missing": ({"ports": [{"external": 1}]}, "`ports[0].internal` is required"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused(case: str, container: Resource, name: str) -> None:
    """What is wrong or unknown is named before anything is done, and no value is repeated."""
    inputs, text = WRONG[case]
    with pytest.raises(Failure) as failure:
        container.create(name=name, image=IMAGE, **inputs)
    assert text in failure.value.text
    assert "TAME751" in failure.value.text
    assert "secret" not in failure.value.text


def test_properties_left_to_other_tests() -> None:
    """No property is accepted without a test that looks at the container."""
    elsewhere = {"name", "image", "command", "memory", "memoryReservation", "memorySwap", "uploads"}
    elsewhere |= {"networksAdvanced", "gpus", "wait", "waitTimeout", "mustRun", "start"}
    elsewhere |= {"destroyGraceSeconds"}
    # Announced only, or of no effect on the container itself:
    without = {"containerReadRefreshTimeoutMilliseconds", "removeVolumes", "attach", "logs", "rm"}
    # This test bed's engine has nothing to show them with (no swarm, no disks, no user namespaces):
    blind = {"privileged", "platform", "publishAllPorts", "storageOpts", "usernsMode"}
    blind |= {"cgroupnsMode", "cpuPeriod", "cpuQuota", "deviceRequests"}
    blind |= {"deviceReadBps", "deviceReadIops", "deviceWriteBps", "deviceWriteIops"}
    accepted = {name for name, prop in CONTAINER.items() if not prop.output}
    assert accepted == {*HOST, *CONFIG} | elsewhere | without | blind
