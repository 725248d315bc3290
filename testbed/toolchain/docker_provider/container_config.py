"""A container's inputs as the body of the engine's `POST /containers/create`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from testbed.toolchain.docker_provider.durations import nanoseconds


Inputs = Mapping[str, Any]

MEBIBYTE: Final = 1024 * 1024

_CONFIG: Final = {
    "hostname": "Hostname",
    "domainname": "Domainname",
    "tty": "Tty",
    "stdinOpen": "OpenStdin",
    "stopSignal": "StopSignal",
    "stopTimeout": "StopTimeout",
    "envs": "Env",
    "command": "Cmd",
    "entrypoints": "Entrypoint",
    "user": "User",
    "workingDir": "WorkingDir",
}
_HOST: Final = {
    "privileged": "Privileged",
    "publishAllPorts": "PublishAllPorts",
    "runtime": "Runtime",
    "rm": "AutoRemove",
    "readOnly": "ReadonlyRootfs",
    "tmpfs": "Tmpfs",
    "dns": "Dns",
    "dnsOpts": "DnsOptions",
    "dnsSearches": "DnsSearch",
    "cpuShares": "CpuShares",
    "cpuSet": "CpusetCpus",
    "networkMode": "NetworkMode",
    "usernsMode": "UsernsMode",
    "pidMode": "PidMode",
    "ipcMode": "IpcMode",
    "cgroupnsMode": "CgroupnsMode",
    "cgroupParent": "CgroupParent",
    "sysctls": "Sysctls",
    "groupAdds": "GroupAdd",
    "storageOpts": "StorageOpt",
}
MEMORY: Final = {
    "memory": "Memory",
    "memoryReservation": "MemoryReservation",
    "memorySwap": "MemorySwap",
    "shmSize": "ShmSize",
}
THROTTLES: Final = {
    "deviceReadBps": "BlkioDeviceReadBps",
    "deviceReadIops": "BlkioDeviceReadIOps",
    "deviceWriteBps": "BlkioDeviceWriteBps",
    "deviceWriteIops": "BlkioDeviceWriteIOps",
}
_UNCONFINED: Final = "systempaths=unconfined"


def create_body(inputs: Inputs) -> dict[str, Any]:
    """Everything that the engine is told when it makes the container; networks come later."""
    body = {key: inputs[name] for name, key in _CONFIG.items() if inputs.get(name)}
    body["Image"] = inputs["image"]
    body["HostConfig"] = _host_config(inputs)
    if inputs.get("labels"):
        body["Labels"] = pairs(inputs["labels"])
    if inputs.get("healthcheck"):
        body["Healthcheck"] = _healthcheck(inputs["healthcheck"])
    if inputs.get("ports"):
        body["ExposedPorts"] = {_port(port): {} for port in inputs["ports"]}
    paths = [
        one["containerPath"] for one in inputs.get("volumes") or () if one.get("containerPath")
    ]
    if paths:
        body["Volumes"] = {path: {} for path in paths}
    return body


def pairs(labels: Sequence[Inputs]) -> dict[str, str]:
    """A list of `label` and `value` as the engine takes them."""
    return {one["label"]: one["value"] for one in labels}


def restart_policy(inputs: Inputs) -> dict[str, Any]:
    """When the engine starts the container again."""
    return {
        "Name": inputs.get("restart") or "no",
        "MaximumRetryCount": inputs.get("maxRetryCount") or 0,
    }


def in_bytes(mebibytes: int) -> int:
    """*mebibytes* as the engine counts; -1, without limit, stays."""
    return mebibytes * MEBIBYTE if mebibytes > 0 else mebibytes


def _host_config(inputs: Inputs) -> dict[str, Any]:
    host = {key: inputs[name] for name, key in _HOST.items() if inputs.get(name)}
    host |= {key: in_bytes(inputs[name]) for name, key in MEMORY.items() if inputs.get(name)}
    host["RestartPolicy"] = restart_policy(inputs)
    host["LogConfig"] = {
        "Type": inputs.get("logDriver") or "",
        "Config": inputs.get("logOpts") or {},
    }
    host["Init"] = bool(inputs.get("init"))  # the official plugin never leaves it to the engine
    _processor(inputs, host)
    _fence(inputs, host)
    _devices(inputs, host)
    _files(inputs, host)
    if inputs.get("ports"):
        host["PortBindings"] = _bindings(inputs["ports"])
    if inputs.get("hosts"):
        host["ExtraHosts"] = [f"{one['host']}:{one['ip']}" for one in inputs["hosts"]]
    return host


def _processor(inputs: Inputs, host: dict[str, Any]) -> None:
    if inputs.get("cpus"):
        host["NanoCpus"] = round(float(inputs["cpus"]) * 1_000_000_000)
    else:
        host["CpuPeriod"] = inputs.get("cpuPeriod") or 0
        host["CpuQuota"] = inputs.get("cpuQuota") or 0
    if inputs.get("ulimits"):
        host["Ulimits"] = [
            {"Name": one["name"], "Soft": one["soft"], "Hard": one["hard"]}
            for one in inputs["ulimits"]
        ]
    for name, key in THROTTLES.items():
        if inputs.get(name):
            host[key] = [{"Path": one["path"], "Rate": one["rate"]} for one in inputs[name]]


def _fence(inputs: Inputs, host: dict[str, Any]) -> None:
    capabilities = inputs.get("capabilities") or {}
    if capabilities.get("adds"):
        host["CapAdd"] = capabilities["adds"]
    if capabilities.get("drops"):
        host["CapDrop"] = capabilities["drops"]
    options = inputs.get("securityOpts") or []
    if options:
        host["SecurityOpt"] = [option for option in options if option != _UNCONFINED]
    if _UNCONFINED in options:  # meant for the client: it lifts the paths that the engine masks
        host["MaskedPaths"] = []
        host["ReadonlyPaths"] = []


def _devices(inputs: Inputs, host: dict[str, Any]) -> None:
    if inputs.get("devices"):
        host["Devices"] = [
            {
                "PathOnHost": one["hostPath"],
                "PathInContainer": one.get("containerPath") or one["hostPath"],
                "CgroupPermissions": one.get("permissions") or "rwm",
            }
            for one in inputs["devices"]
        ]
    if inputs.get("gpus"):
        host["DeviceRequests"] = [_gpus(inputs["gpus"])]
    elif inputs.get("deviceRequests"):
        host["DeviceRequests"] = [
            {
                "Driver": one.get("driver") or "",
                "Count": one.get("count") or 0,
                "DeviceIDs": one.get("deviceIds") or [],
                "Capabilities": [one.get("capabilities") or []],
                "Options": one.get("options") or {},
            }
            for one in inputs["deviceRequests"]
        ]


def _gpus(text: str) -> dict[str, Any]:
    request: dict[str, Any] = {"Driver": "", "Capabilities": [["gpu"]], "Options": {}}
    if text.startswith("device="):
        return request | {"Count": 0, "DeviceIDs": text.removeprefix("device=").split(",")}
    return request | {"Count": -1 if text == "all" else int(text)}


def _files(inputs: Inputs, host: dict[str, Any]) -> None:
    volumes = inputs.get("volumes") or ()
    binds = [_bind(one) for one in volumes if one.get("hostPath") or one.get("volumeName")]
    if binds:
        host["Binds"] = binds
    sources = [one["fromContainer"] for one in volumes if one.get("fromContainer")]
    if sources:
        host["VolumesFrom"] = sources
    if inputs.get("mounts"):
        host["Mounts"] = [_mount(one) for one in inputs["mounts"]]


def _bind(volume: Inputs) -> str:
    mode = "ro" if volume.get("readOnly") else "rw"
    relabel = volume.get("selinuxRelabel")
    source = volume.get("hostPath") or volume["volumeName"]
    return f"{source}:{volume['containerPath']}:{mode}{',' + relabel if relabel else ''}"


def _mount(mount: Inputs) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Type": mount["type"],
        "Target": mount["target"],
        "Source": mount.get("source") or "",
        "ReadOnly": bool(mount.get("readOnly")),
    }
    match mount["type"], mount:
        case "bind", {"bindOptions": dict(options)}:
            made["BindOptions"] = {"Propagation": options.get("propagation") or ""}
        case "tmpfs", {"tmpfsOptions": dict(options)}:
            made["TmpfsOptions"] = {
                "SizeBytes": options.get("sizeBytes") or 0,
                "Mode": options.get("mode") or 0,
            }
        case "volume", {"volumeOptions": dict(options)}:
            made["VolumeOptions"] = _volume_options(options)
    return made


def _volume_options(options: Inputs) -> dict[str, Any]:
    made: dict[str, Any] = {
        "NoCopy": bool(options.get("noCopy")),
        "Labels": pairs(options.get("labels") or ()),
    }
    if options.get("driverName") or options.get("driverOptions"):
        made["DriverConfig"] = {
            "Name": options.get("driverName") or "",
            "Options": options.get("driverOptions") or {},
        }
    return made


def _healthcheck(given: Inputs) -> dict[str, Any]:
    made = {
        "Test": given.get("tests") or [],
        "Interval": nanoseconds(given.get("interval") or "0s"),
        "Timeout": nanoseconds(given.get("timeout") or "0s"),
        "StartPeriod": nanoseconds(given.get("startPeriod") or "0s"),
        "Retries": given.get("retries") or 0,
    }
    start = nanoseconds(given.get("startInterval") or "0s")
    return made | ({"StartInterval": start} if start else {})


def _port(port: Inputs) -> str:
    return f"{port['internal']}/{port.get('protocol') or 'tcp'}"


def _bindings(ports: Sequence[Inputs]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        external = port.get("external")
        bindings.setdefault(_port(port), []).append(
            {"HostIp": port.get("ip") or "", "HostPort": str(external) if external else ""}
        )
    return bindings
