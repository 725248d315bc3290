"""Rights on the host: capabilities, devices, the Docker socket."""

from tests.rules.cases.model import made, offends, on, passes
from tests.rules.stacks import SOCKET, bind, port


READS = bind(SOCKET, SOCKET, read_only=True)
HIDDEN = {"networks": {"socket-1": True}}
OPEN = {"networks": {"socket-2": False}}


_PROXY = made("socket-proxy", mounts=(READS,), attachments=on("socket-1"))
_CLIENT = made(
    "dozzle", attachments=on("socket-1"), environment={"HOST": f"tcp://{_PROXY.name}:2375"}
)
_RESTARTS = made(
    "socket-proxy", mounts=(READS,), attachments=(), network_mode="none", environment={"POST": "0"}
)

CASES = (
    offends("unfiltered-docker-socket", "read-only is no filter", made("dozzle", mounts=(READS,))),
    offends(
        "unfiltered-docker-socket",
        "a directory above",
        made("cadvisor", mounts=(bind("/var/run", "/var/run", read_only=True),)),
    ),
    passes("unfiltered-docker-socket", "the filter", made("socket-proxy", mounts=(READS,))),
    passes(
        "unfiltered-docker-socket",
        "what measures the host",
        made("node-exporter", mounts=(bind("/", "/host", read_only=True),)),
    ),
    offends("loose-socket-proxy", "published", made("socket-proxy", ports=(port(2375),))),
    offends(
        "loose-socket-proxy",
        "a network with a way out",
        made("socket-proxy", attachments=on("socket-2")),
        scope=OPEN,
    ),
    passes("loose-socket-proxy", "only its client", _PROXY, _CLIENT, scope=HIDDEN),
    passes("loose-socket-proxy", "switched off", _RESTARTS),
    offends("privileged-container", "all rights", made("radarr", privileged=True)),
    offends(
        "privileged-container", "a gateway's right", made("radarr", capabilities=("NET_ADMIN",))
    ),
    passes("privileged-container", "a gateway", made("gluetun", capabilities=("NET_ADMIN",))),
    passes(
        "privileged-container", "what bans", made("fail2ban", capabilities=("NET_ADMIN", "NET_RAW"))
    ),
    offends("new-privileges", "nothing said", made("radarr", security_options=())),
    offends(
        "new-privileges", "said no", made("radarr", security_options=("no-new-privileges:false",))
    ),
    passes("new-privileges", "bare", made("radarr", security_options=("no-new-privileges",))),
    passes(
        "new-privileges",
        "beside another option",
        made("radarr", security_options=("no-new-privileges=true", "seccomp=/etc/s.json")),
    ),
    offends("stray-device", "a GPU", made("radarr", devices=("/dev/dri",))),
    offends("stray-device", "a tunnel", made("radarr", devices=("/dev/net/tun",))),
    passes(
        "stray-device", "a transcoder's node", made("jellyfin", devices=("/dev/dri/renderD128",))
    ),
    offends("stray-device", "NVIDIA's way", made("radarr", gpus="all")),
    passes("stray-device", "NVIDIA's, and it transcodes", made("tdarr_node", runtime="nvidia")),
    passes("stray-device", "a gateway's", made("gluetun", devices=("/dev/net/tun",))),
)
