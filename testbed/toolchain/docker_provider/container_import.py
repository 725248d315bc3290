"""What `pulumi import` takes over of a container that it has never seen.

The official plugin imports a container without its environment, labels, volumes and networks,
and then wants to replace it. The stand-in reads them, less what the image brought itself.
"""

from collections.abc import Mapping
from typing import Any

from testbed.toolchain.docker_provider.container_table import CONTAINER
from testbed.toolchain.docker_provider.engine import Engine
from testbed.toolchain.docker_provider.schema import Values, planned


def imported(engine: Engine, shown: Mapping[str, Any]) -> Values:
    """A prior state for the container that the engine shows."""
    config = shown["Config"]
    found = engine.find("image", shown["Image"])
    image: Mapping[str, Any] = found["Config"] if found else {}
    labels = config.get("Labels") or {}
    inherited = image.get("Labels") or {}
    return planned(
        CONTAINER,
        {
            "name": shown["Name"].lstrip("/"),
            "image": config["Image"],
            "envs": [env for env in config.get("Env") or () if env not in (image.get("Env") or ())],
            "labels": [
                {"label": name, "value": value}
                for name, value in sorted(labels.items())
                if inherited.get(name) != value
            ],
            "volumes": [_volume(bind) for bind in shown["HostConfig"].get("Binds") or ()],
            "networksAdvanced": _networks(shown),
            # Any value will do: what is set is read from the engine.
            "ports": [{"internal": 0}] if shown["HostConfig"].get("PortBindings") else None,
            "logOpts": shown["HostConfig"]["LogConfig"]["Config"] or None,
            "pidMode": shown["HostConfig"].get("PidMode") or None,
            "ulimits": _present(shown["HostConfig"].get("Ulimits")),
            "devices": [
                {"hostPath": one["PathOnHost"], "containerPath": one["PathInContainer"]}
                for one in shown["HostConfig"].get("Devices") or ()
            ],
        },
    )


def _present(found: object) -> list[Mapping[str, Any]] | None:
    return [{"name": "", "soft": 0, "hard": 0}] if found else None


def _volume(bind: str) -> Values:
    source, path, *mode = bind.split(":")
    kind = "hostPath" if source.startswith("/") else "volumeName"
    flags = mode[0].split(",") if mode else []
    made: Values = {kind: source, "containerPath": path}
    return made | ({"readOnly": True} if "ro" in flags else {})


def _networks(shown: Mapping[str, Any]) -> list[Values]:
    own = {shown["Id"][:12], shown["Id"]}
    found = []
    for name, one in sorted((shown["NetworkSettings"].get("Networks") or {}).items()):
        if name in ("bridge", "host", "none"):
            continue
        network: Values = {"name": name}
        aliases = [alias for alias in one.get("Aliases") or () if alias not in own]
        if aliases:
            network["aliases"] = aliases
        address = (one.get("IPAMConfig") or {}).get("IPv4Address")
        if address:
            network["ipv4Address"] = address
        found.append(network)
    return found
