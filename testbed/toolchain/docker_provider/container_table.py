"""The properties of `docker:index/container:Container`.

Source: the schema of the official plugin 5.1.0, held to the recordings by
tests/toolchain/docker_provider/test_contract.py. Of what only the SDK 5.2 knows, the uploads'
`owner` and `group` are as its docstrings say, and `deviceCgroupRules` is missing on purpose:
nothing of theirs was recorded.
"""

from functools import partial
from typing import Final

from testbed.toolchain.docker_provider.schema import Property, Table
from testbed.toolchain.docker_provider.validation import (
    at_least,
    base64_text,
    cpu_set,
    duration,
    matches,
    one_of,
    permissions,
)


_string = partial(Property, kind="string")
_number = partial(Property, kind="number")
_flag = partial(Property, kind="flag")
_set = partial(Property, kind="set")
_list = partial(Property, kind="list")
_map = partial(Property, kind="map")
_object = partial(Property, kind="object")
_count = partial(Property, kind="number", check=at_least(0))

LABELS: Final[Table] = {"label": _string(required=True), "value": _string(required=True)}

_THROTTLE: Final[Table] = {"path": _string(required=True), "rate": _count(required=True)}

_HEALTHCHECK: Final[Table] = {
    "interval": _string(default="0s", check=duration),
    "retries": _count(default=0),
    "startInterval": _string(default="0s", check=duration),
    "startPeriod": _string(default="0s", check=duration),
    "tests": _list(),
    "timeout": _string(default="0s", check=duration),
}

_MOUNTS: Final[Table] = {
    "target": _string(required=True),
    "type": _string(required=True, check=one_of("bind", "volume", "tmpfs")),
    "source": _string(),
    "readOnly": _flag(),
    "bindOptions": _object(
        fields={"propagation": _string(check=matches("r?(private|shared|slave)", "`rprivate` ..."))}
    ),
    "tmpfsOptions": _object(fields={"mode": _number(), "sizeBytes": _number()}),
    "volumeOptions": _object(
        fields={
            "driverName": _string(),
            "driverOptions": _map(),
            "labels": _set(fields=LABELS),
            "noCopy": _flag(),
        }
    ),
}

_NETWORKS: Final[Table] = {
    "name": _string(required=True),
    "aliases": _set(),
    "driverOpts": _set(),
    "gwPriority": _count(),
    "ipv4Address": _string(),
    "ipv6Address": _string(),
    "linkLocalIps": _set(),
    "macAddress": _string(),
}

_PORTS: Final[Table] = {
    "internal": _count(required=True),
    "external": _count(computed=True),
    "ip": _string(default="0.0.0.0"),  # noqa: S104 - the official default, not ours
    "protocol": _string(default="tcp"),
}

_UPLOADS: Final[Table] = {
    "file": _string(required=True),
    "content": _string(),
    "contentBase64": _string(check=base64_text),
    "executable": _flag(default=False),
    "group": _string(),
    "owner": _string(),
    "permissions": _string(check=permissions),
    "source": _string(),
    "sourceHash": _string(),
}

_VOLUMES: Final[Table] = {
    "containerPath": _string(),
    "fromContainer": _string(),
    "hostPath": _string(check=matches("/.*", "an absolute path")),
    "readOnly": _flag(),
    "selinuxRelabel": _string(check=one_of("z", "Z")),
    "volumeName": _string(),
}

_IDENTITY: Final[Table] = {
    "name": _string(required=True, force_new=True),
    "image": _string(required=True, force_new=True),
    "platform": _string(force_new=True, computed=True),
    "hostname": _string(force_new=True, computed=True),
    "domainname": _string(force_new=True),
    "user": _string(force_new=True, keeps_when_empty=True),
    "groupAdds": _set(force_new=True),
    "labels": _set(fields=LABELS, force_new=True, computed=True),
}

_PROCESS: Final[Table] = {
    "command": _list(force_new=True, computed=True, read_as_empty=True),
    "entrypoints": _list(force_new=True, computed=True, read_as_empty=True),
    "envs": _set(force_new=True, computed=True),
    "workingDir": _string(force_new=True, keeps_when_empty=True),
    "init": _flag(computed=True),
    "tty": _flag(default=False, force_new=True),
    "stdinOpen": _flag(default=False, force_new=True),
    "stopSignal": _string(force_new=True, computed=True),
    "stopTimeout": _number(force_new=True, computed=True),
    "healthcheck": _object(fields=_HEALTHCHECK, computed=True),
}

_LIFE: Final[Table] = {
    "start": _flag(default=True),
    "mustRun": _flag(default=True),
    "wait": _flag(default=False),
    "waitTimeout": _number(default=60),
    "attach": _flag(default=False),
    "logs": _flag(default=False),
    "restart": _string(default="no", check=one_of("no", "on-failure", "always", "unless-stopped")),
    "maxRetryCount": _number(),
    "rm": _flag(default=False),
    "removeVolumes": _flag(default=True),
    "destroyGraceSeconds": _number(),
    "containerReadRefreshTimeoutMilliseconds": _number(default=15000),
}

_LIMITS: Final[Table] = {
    "memory": _count(),
    "memoryReservation": _count(default=0),
    "memorySwap": _number(check=at_least(-1)),
    "shmSize": _count(force_new=True, computed=True),
    "cpus": _string(force_new=True),
    "cpuShares": _count(),
    "cpuSet": _string(check=cpu_set),
    "cpuPeriod": _count(),
    "cpuQuota": _count(),
    "ulimits": _set(
        fields={
            "name": _string(required=True),
            "soft": _number(required=True),
            "hard": _number(required=True),
        },
        force_new=True,
    ),
    "deviceReadBps": _set(fields=_THROTTLE),
    "deviceReadIops": _set(fields=_THROTTLE),
    "deviceWriteBps": _set(fields=_THROTTLE),
    "deviceWriteIops": _set(fields=_THROTTLE),
}

_FENCE: Final[Table] = {
    "capabilities": _object(fields={"adds": _set(), "drops": _set()}, force_new=True),
    "securityOpts": _set(force_new=True, computed=True),
    "privileged": _flag(force_new=True),
    "readOnly": _flag(default=False, force_new=True),
    "runtime": _string(force_new=True, computed=True),
    "sysctls": _map(force_new=True),
    "pidMode": _string(force_new=True),
    "ipcMode": _string(force_new=True, computed=True),
    "usernsMode": _string(force_new=True),
    "cgroupnsMode": _string(force_new=True, check=one_of("private", "host")),
    "cgroupParent": _string(force_new=True),
}

_DEVICES: Final[Table] = {
    "devices": _set(
        fields={
            "hostPath": _string(required=True),
            "containerPath": _string(),
            "permissions": _string(default="rwm"),
        },
        force_new=True,
    ),
    "deviceRequests": _set(
        fields={
            "driver": _string(default="cdi"),
            "count": _number(default=0),
            "deviceIds": _set(),
            "capabilities": _set(),
            "options": _map(),
        },
        force_new=True,
    ),
    "gpus": _string(
        force_new=True, check=matches("all|device=.+|[1-9][0-9]*", "`all`, `device=ID`")
    ),
}

_FILES: Final[Table] = {
    "volumes": _set(fields=_VOLUMES, force_new=True),
    "mounts": _set(fields=_MOUNTS, force_new=True),
    "tmpfs": _map(),
    "uploads": _set(fields=_UPLOADS, force_new=True),
    "storageOpts": _map(force_new=True),
    "logDriver": _string(force_new=True, computed=True),
    "logOpts": _map(force_new=True),
}

_NETWORKING: Final[Table] = {
    "networkMode": _string(default="bridge", force_new=True),
    "networksAdvanced": _set(fields=_NETWORKS, force_new=True),
    "ports": _list(fields=_PORTS, force_new=True),
    "publishAllPorts": _flag(force_new=True),
    "dns": _set(force_new=True),
    "dnsOpts": _set(force_new=True),
    "dnsSearches": _set(force_new=True),
    "hosts": _set(
        fields={"host": _string(required=True), "ip": _string(required=True)}, force_new=True
    ),
}

_TOLD: Final[Table] = {
    "bridge": _string(output=True, computed=True),
    "containerLogs": _string(output=True, computed=True),
    "exitCode": _number(output=True, computed=True),
    "networkDatas": _list(output=True, computed=True, read_as_empty=True),
}

CONTAINER: Final[Table] = {
    **_IDENTITY,
    **_PROCESS,
    **_LIFE,
    **_LIMITS,
    **_FENCE,
    **_DEVICES,
    **_FILES,
    **_NETWORKING,
    **_TOLD,
}
