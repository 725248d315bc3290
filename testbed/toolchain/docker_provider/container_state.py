"""A container as the engine shows it, as Pulumi's state holds it.

What the official plugin never reads back is never read here: `envs`, `labels`, `volumes`,
`uploads` and `networksAdvanced` stay as the program said them, so their drift is not seen.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from testbed.toolchain.docker_provider.container_config import MEBIBYTE, MEMORY, THROTTLES
from testbed.toolchain.docker_provider.durations import go_text


Shown = Mapping[str, Any]
"""What `GET /containers/ID/json` answers."""

META: Final = (
    '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,'
    '"update":1200000000000},"schema_version":"2"}'
)
"""The official plugin's note to itself, so that it can take the state over."""

_CONFIG: Final = {
    "hostname": "Hostname",
    "domainname": "Domainname",
    "user": "User",
    "workingDir": "WorkingDir",
    "stopSignal": "StopSignal",
}
_HOST: Final = {
    "rm": "AutoRemove",
    "readOnly": "ReadonlyRootfs",
    "publishAllPorts": "PublishAllPorts",
    "privileged": "Privileged",
    "runtime": "Runtime",
    "cpuShares": "CpuShares",
    "cpuSet": "CpusetCpus",
    "networkMode": "NetworkMode",
    "usernsMode": "UsernsMode",
    "ipcMode": "IpcMode",
}
_HOST_OR_NULL: Final = {
    "dns": "Dns",
    "dnsOpts": "DnsOptions",
    "dnsSearches": "DnsSearch",
    "tmpfs": "Tmpfs",
    "sysctls": "Sysctls",
    "groupAdds": "GroupAdd",
    "storageOpts": "StorageOpt",
}


def read_state(shown: Shown, prior: Mapping[str, Any]) -> dict[str, Any]:
    """The state of the container that the engine shows, which was *prior* before."""
    config, host = shown["Config"], shown["HostConfig"]
    by_id = str(prior.get("image") or "").startswith("sha256:")
    state = {
        **prior,
        "__meta": META,
        "id": shown["Id"],
        "name": shown["Name"].lstrip("/"),
        "image": shown["Image"] if by_id else config["Image"],
        "platform": shown.get("Platform"),
        "command": config.get("Cmd") or [],
        "entrypoints": config.get("Entrypoint") or [],
        "tty": config["Tty"],
        "stdinOpen": config["OpenStdin"],
        "stopTimeout": config.get("StopTimeout") or 0,
        "restart": host["RestartPolicy"]["Name"],
        "maxRetryCount": host["RestartPolicy"]["MaximumRetryCount"],
        "init": bool(host.get("Init")),
        "securityOpts": host.get("SecurityOpt") or [],
        "logDriver": host["LogConfig"]["Type"],
        "logOpts": host["LogConfig"]["Config"] if prior.get("logOpts") else None,
    }
    state |= {name: config.get(key, "") for name, key in _CONFIG.items()}
    state |= {name: host.get(key) for name, key in _HOST.items()}
    state |= {name: host.get(key) or None for name, key in _HOST_OR_NULL.items()}
    state |= _limits(host, prior)
    state |= _running(shown, prior)
    state |= _devices(host, prior)
    state["hosts"] = [_host(line) for line in host.get("ExtraHosts") or ()]
    state["mounts"] = [_mount(mount) for mount in host.get("Mounts") or ()]
    if config.get("Healthcheck"):
        state["healthcheck"] = _healthcheck(config["Healthcheck"])
    if host.get("CapAdd") or host.get("CapDrop"):
        state["capabilities"] = {
            "adds": host.get("CapAdd") or [],
            "drops": host.get("CapDrop") or [],
        }
    if prior.get("pidMode"):
        state["pidMode"] = host.get("PidMode")
    return state


def networks(shown: Shown) -> list[dict[str, Any]]:
    """The addresses that the container has, one per network, by name."""
    found = shown["NetworkSettings"].get("Networks") or {}
    return [
        {
            "networkName": name,
            "ipAddress": one["IPAddress"],
            "ipPrefixLength": one["IPPrefixLen"],
            "gateway": one["Gateway"],
            "globalIpv6Address": one["GlobalIPv6Address"],
            "globalIpv6PrefixLength": one["GlobalIPv6PrefixLen"],
            "ipv6Gateway": one["IPv6Gateway"],
            "macAddress": one["MacAddress"],
        }
        for name, one in sorted(found.items())
    ]


def _running(shown: Shown, prior: Mapping[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = {
        "networkDatas": networks(shown),
        "bridge": shown["NetworkSettings"].get("Bridge", ""),
    }
    running = shown["State"]["Running"]
    if prior.get("ports") and (running or prior.get("mustRun")):
        state["ports"] = _ports(shown["NetworkSettings"].get("Ports") or {})
    if not running:
        state["exitCode"] = shown["State"]["ExitCode"]
        if prior.get("mustRun"):
            state["mustRun"] = False  # so that the next `up` sees a change, and starts it
    return state


def _ports(shown: Mapping[str, Sequence[Mapping[str, str]] | None]) -> list[dict[str, Any]]:
    found = []
    for key in sorted(shown, key=lambda name: int(name.partition("/")[0])):
        internal, _, protocol = key.partition("/")
        found += [
            {
                "internal": int(internal),
                "external": int(binding["HostPort"]),
                "ip": binding["HostIp"],
                "protocol": protocol,
            }
            for binding in shown[key] or ()
        ]
    return found


def _limits(host: Shown, prior: Mapping[str, Any]) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for name, key in MEMORY.items():
        count = host.get(key) or 0
        limits[name] = count // MEBIBYTE if count > 0 else count
    for name, key in THROTTLES.items():
        limits[name] = [{"path": one["Path"], "rate": one["Rate"]} for one in host.get(key) or ()]
    if host.get("NanoCpus"):
        limits["cpus"] = f"{host['NanoCpus'] / 1_000_000_000:.9f}".rstrip("0").rstrip(".")
    if prior.get("ulimits"):
        limits["ulimits"] = [
            {"name": one["Name"], "soft": one["Soft"], "hard": one["Hard"]}
            for one in host.get("Ulimits") or ()
        ]
    return limits


def _devices(host: Shown, prior: Mapping[str, Any]) -> dict[str, Any]:
    if not prior.get("devices"):
        return {}
    open_paths = {one["hostPath"] for one in prior["devices"] if not one.get("containerPath")}
    return {
        "devices": [
            {
                "hostPath": one["PathOnHost"],
                "containerPath": (
                    "" if one["PathOnHost"] in open_paths else one["PathInContainer"]
                ),
                "permissions": one["CgroupPermissions"],
            }
            for one in host.get("Devices") or ()
        ]
    }


def _host(line: str) -> dict[str, str]:
    name, _, address = line.partition(":")
    return {"host": name, "ip": address}


def _healthcheck(shown: Shown) -> dict[str, Any]:
    return {
        "tests": shown.get("Test") or [],
        "interval": go_text(shown.get("Interval") or 0),
        "timeout": go_text(shown.get("Timeout") or 0),
        "startPeriod": go_text(shown.get("StartPeriod") or 0),
        "startInterval": go_text(shown.get("StartInterval") or 0),
        "retries": shown.get("Retries") or 0,
    }


def _mount(mount: Shown) -> dict[str, Any]:
    bind, tmpfs, volume = (
        mount.get(key) for key in ("BindOptions", "TmpfsOptions", "VolumeOptions")
    )
    return {
        "target": mount["Target"],
        "source": mount.get("Source", ""),
        "type": mount["Type"],
        "readOnly": mount.get("ReadOnly", False),
        "bindOptions": {"propagation": bind.get("Propagation", "")} if bind else None,
        "tmpfsOptions": (
            {"sizeBytes": tmpfs.get("SizeBytes", 0), "mode": tmpfs.get("Mode", 0)}
            if tmpfs
            else None
        ),
        "volumeOptions": _volume_options(volume) if volume else None,
    }


def _volume_options(shown: Shown) -> dict[str, Any]:
    driver = shown.get("DriverConfig") or {}
    labels = shown.get("Labels") or {}
    return {
        "noCopy": shown.get("NoCopy", False),
        "labels": [{"label": name, "value": value} for name, value in sorted(labels.items())],
        "driverName": driver.get("Name", ""),
        "driverOptions": driver.get("Options") or None,
    }
