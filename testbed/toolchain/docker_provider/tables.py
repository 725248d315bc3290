"""The properties of `Network`, `Volume` and `RemoteImage`.

Source: the schema of the official plugin 5.1.0, held to the recordings by
tests/toolchain/docker_provider/test_contract.py.
"""

from functools import partial
from typing import Final

from testbed.toolchain.docker_provider.container_table import LABELS
from testbed.toolchain.docker_provider.schema import Property, Table


_string = partial(Property, kind="string")
_flag = partial(Property, kind="flag")
_set = partial(Property, kind="set")
_map = partial(Property, kind="map")

NETWORK: Final[Table] = {
    "name": _string(required=True, force_new=True),
    "driver": _string(force_new=True, computed=True),
    "labels": _set(fields=LABELS, force_new=True),
    "options": _map(force_new=True, computed=True),
    "internal": _flag(force_new=True, computed=True),
    "attachable": _flag(force_new=True),
    "ingress": _flag(force_new=True),
    "ipv6": _flag(force_new=True),
    "ipamDriver": _string(default="default", force_new=True),
    "ipamOptions": _map(force_new=True),
    "ipamConfigs": _set(
        fields={
            "auxAddress": _map(),
            "gateway": _string(),
            "ipRange": _string(),
            "subnet": _string(),
        },
        force_new=True,
        computed=True,
    ),
    "scope": _string(output=True, computed=True),
}

VOLUME: Final[Table] = {
    "name": _string(force_new=True, computed=True),
    "driver": _string(force_new=True, computed=True),
    "driverOpts": _map(force_new=True),
    "labels": _set(fields=LABELS, force_new=True),
    "mountpoint": _string(output=True, computed=True),
}

REMOTE_IMAGE: Final[Table] = {
    "name": _string(required=True, force_new=True),
    "keepLocally": _flag(),
    "forceRemove": _flag(),
    "platform": _string(force_new=True),
    "pullTriggers": _set(force_new=True),
    "triggers": _map(force_new=True),
    "imageId": _string(output=True, computed=True),
    "repoDigest": _string(output=True, computed=True),
}
