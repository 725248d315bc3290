"""A Pulumi program of containers that are given as facts; it runs in the project of a test.

It reads `facts.json` beside it: {"containers": [...], "networks": {name: {...}}}, both as
`tests.policies.test_doctrine` writes them. A shared namespace is taken from the other container's
id, as a property, unless the facts name it as plain text.
"""

import gc
import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_docker as docker


gc.disable()  # the program lives for seconds, as in stacks/__main__.py

provider = docker.Provider("engine", host="unix:///var/run/docker.sock")
options = pulumi.ResourceOptions(provider=provider)
given = json.loads(Path("facts.json").read_text("utf-8"))
made: dict[str, docker.Container] = {}


def volume(mount: dict[str, Any]) -> dict[str, Any]:
    """A bind, or a volume by its name."""
    where = "host_path" if mount["kind"] == "bind" else "volume_name"
    return {
        where: mount["source"],
        "container_path": mount["target"],
        "read_only": mount["read_only"],
    }


def with_options(mount: dict[str, Any]) -> dict[str, Any]:
    """A volume whose driver stands beside it."""
    return {
        "type": "volume",
        "source": mount["source"],
        "target": mount["target"],
        "volume_options": {"driver_name": mount["driver"], "driver_options": mount["options"]},
    }


def check(probe: dict[str, Any] | None) -> dict[str, Any] | None:
    """A health check."""
    if probe is None:
        return None
    return {"tests": probe["test"], "start_period": f"{probe['timing']['start_period']}s"}


def mode(fact: dict[str, Any]) -> Any:
    """The network mode, from the other container where it shares one."""
    if fact["shares"] and not fact["network_mode"]:
        return made[fact["shares"]].id.apply(lambda found: f"container:{found}")
    return fact["network_mode"] or None


def arguments(fact: dict[str, Any]) -> dict[str, Any]:
    """The container that *fact* describes, as the SDK takes it."""
    envs = [f"{name}={value}" for name, value in fact["environment"].items()]
    log = dict(fact["log_options"])
    return {
        "name": fact["name"],
        "image": fact["image"],
        "command": fact["command"] or None,
        "envs": pulumi.Output.secret(envs) if fact["secret_variables"] else envs,
        "labels": [{"label": key, "value": value} for key, value in fact["labels"].items()],
        "volumes": [volume(one) for one in fact["mounts"] if not one["driver"]],
        "mounts": [with_options(one) for one in fact["mounts"] if one["driver"]] or None,
        "ports": [
            {"internal": one["container"], "external": one["host"], "ip": one["address"]}
            for one in fact["ports"]
        ],
        "networks_advanced": [{"name": one["network"]} for one in fact["attachments"]] or None,
        "network_mode": mode(fact),
        "user": fact["user"] or None,
        "restart": fact["restart"],
        "start": fact["starts"],
        "must_run": False,
        "stop_timeout": fact["stop_grace"],
        "memory": fact["memory_mb"],
        "capabilities": {"adds": fact["capabilities"]} if fact["capabilities"] else None,
        "devices": [{"host_path": one} for one in fact["devices"]] or None,
        "gpus": fact["gpus"] or None,
        "runtime": fact["runtime"] or None,
        "sysctls": fact["sysctls"] or None,
        "security_opts": fact["security_options"],
        "privileged": fact["privileged"],
        "read_only": fact["read_only"],
        "log_driver": log.pop("driver", None),
        "log_opts": log or None,
        "healthcheck": check(fact["probe"]),
    }


for name, network in given["networks"].items():
    docker.Network(name, name=name, opts=options, **network)
for fact in sorted(given["containers"], key=lambda one: one["shares"]):
    made[fact["name"]] = docker.Container(fact["name"], **arguments(fact), opts=options)
