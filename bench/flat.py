"""The Pulumi program that a person would write without TAME: flat, literal, the same resources."""

from collections.abc import Iterable, Mapping
from typing import Any

from typing_extensions import override

from tame_components.compose.contents import Contents, File, contents
from tame_components.domain.container import Container
from tame_components.domain.service import Service
from tame_components.domain.topology import Network, Topology
from tame_components.generated.host import missing_folders
from tame_components.resources._container import container_labels, healthcheck


class Code(str):
    """An expression among literals: stands in the program as it is."""

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        return str(self)


_HEAD = '''"""{count} services, written by hand."""

import asyncio
import gc

gc.disable()  # this, and the two economies below, as in stacks/__main__.py

import pulumi
import pulumi_command as command
import pulumi_docker as docker

pulumi.log.debug = lambda *_, **__: None
calls = pulumi.runtime.settings.SETTINGS.rpc_manager.rpcs
calls.append(asyncio.ensure_future(asyncio.sleep(0)))

keys = pulumi.Config("flat").require_secret_object("keys")
engine = docker.Provider("engine", host={host!r})
host = command.Provider("host", opts=pulumi.ResourceOptions(depends_on=[engine]))
'''

_OPTIONS = (
    "pulumi.ResourceOptions(provider=engine, depends_on=[{after}], delete_before_replace=True, "
    "replace_on_changes=['cpuPeriod', 'cpuQuota', 'healthcheck', 'init', 'rm', 'tmpfs'], "
    "custom_timeouts=pulumi.CustomTimeouts(create='30m', update='30m', delete='10m'))"
)


def program(
    topology: Topology, containers: Mapping[str, Container], keys: Mapping[str, str]
) -> str:
    """The text of the program for *topology*, whose secrets stand in `flat:keys` as *keys* has."""
    host = topology.settings.engine
    parts = [_HEAD.format(count=len(topology.services), host=host)]
    parts += [_network(topology, network) for network in topology.networks]
    parts.append(_tree(topology))
    ordered = sorted(topology.services, key=lambda service: service.through is not None)
    for service in ordered:  # a member names its gateway, which has to stand before it
        inside = contents(topology, service, keys)
        parts.append(_service(topology, service, containers[service.name], inside))
    return "\n".join(parts)


def _call(target: str, function: str, name: str, arguments: Mapping[str, Any]) -> str:
    lines = [f"    {key}={value!r}," for key, value in arguments.items() if value is not None]
    return "\n".join([f"{target} = {function}(", f"    {name!r},", *lines, ")", ""])


def _variable(name: str) -> str:
    return name.replace("-", "_")


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"label": key, "value": value} for key, value in sorted(values.items())]


def _network(topology: Topology, network: Network) -> str:
    short = network.name.removeprefix(f"{topology.stack}-")
    arguments = {
        "name": network.name,
        "driver": "bridge",
        "internal": network.internal,
        "ipam_configs": [{"subnet": network.subnet}] if network.subnet else None,
        "labels": _pairs({"tame.stack": topology.stack}),
        "opts": Code("pulumi.ResourceOptions(provider=engine, delete_before_replace=True)"),
    }
    return _call(_variable(f"media-{short}"), "docker.Network", f"media-{short}", arguments)


def _tree(topology: Topology) -> str:
    script = missing_folders(topology)
    arguments = {
        "create": script,
        "update": script,
        "logging": "stderr",
        "opts": Code("pulumi.ResourceOptions(provider=host)"),
    }
    return _call("media_tree", "command.local.Command", "media-tree", arguments)


def _service(topology: Topology, service: Service, fact: Container, inside: Contents) -> str:
    image, name = _variable(f"{service.name}-image"), _variable(service.name)
    pulled = {
        "name": fact.image,
        "keep_locally": True,
        "opts": Code("pulumi.ResourceOptions(provider=engine)"),
    }
    networks = [f"media-{one.name.removeprefix(f'{topology.stack}-')}" for one in topology.networks]
    after = ", ".join(_variable(one) for one in [f"{service.name}-image", *networks, "media-tree"])
    arguments = _arguments(fact, inside) | {
        "wait_timeout": topology.settings.wait_timeout,
        "opts": Code(_OPTIONS.format(after=after)),
    }
    return "\n".join(
        [
            _call(image, "docker.RemoteImage", f"{service.name}-image", pulled),
            _call(name, "docker.Container", f"{service.name}-container", arguments),
        ]
    )


def _arguments(fact: Container, inside: Contents) -> dict[str, Any]:
    """What a container is asked for, but for what it waits for."""
    return {
        "name": fact.name,
        "image": fact.image,
        "command": list(fact.command) or None,
        "envs": list(_environment(fact, inside)),
        "labels": _pairs(container_labels(fact)),
        "volumes": [
            {"host_path": one.source, "container_path": one.target, "read_only": one.read_only}
            for one in fact.mounts
        ],
        "ports": _ports(fact),
        "networks_advanced": [
            {"name": one.network, "aliases": list(one.aliases)} for one in fact.attachments
        ]
        or None,
        "network_mode": _namespace(fact),
        "hosts": [{"host": key, "ip": ip} for key, ip in sorted(fact.extra_hosts.items())] or None,
        "uploads": [_upload(file) for file in inside.files] or None,
        "user": fact.user or None,
        "restart": fact.restart,
        "stop_timeout": fact.stop_grace,
        "destroy_grace_seconds": fact.stop_grace,
        "memory": fact.memory_mb,
        "memory_swap": fact.memory_mb,
        "capabilities": {"adds": list(fact.capabilities)} if fact.capabilities else None,
        "devices": [
            {"host_path": path, "container_path": path, "permissions": "rwm"}
            for path in fact.devices
        ]
        or None,
        "group_adds": list(fact.groups) or None,
        "gpus": fact.gpus or None,
        "runtime": fact.runtime or None,
        "shm_size": fact.shm_mb,
        "tmpfs": dict(fact.tmpfs) or None,
        "sysctls": dict(fact.sysctls) or None,
        "security_opts": list(fact.security_options) or None,
        "read_only": fact.read_only or None,
        "log_driver": "json-file" if fact.log_options else None,
        "log_opts": dict(fact.log_options) or None,
        "healthcheck": healthcheck(fact.probe),
        "must_run": fact.starts,
        "start": None if fact.starts else False,
        "wait": fact.probe is not None,
    }


def _environment(fact: Container, inside: Contents) -> Iterable[str]:
    plain = {key: f"{key}={value}" for key, value in {**fact.environment, **inside.plain}.items()}
    hidden = {
        variable: Code(f"pulumi.Output.concat({variable + '='!r}, keys[{key!r}])")
        for variable, key in inside.hidden.items()
    }
    return (value for _, value in sorted({**plain, **hidden}.items()))


def _namespace(fact: Container) -> str | None:
    if fact.shares:
        return Code(f"pulumi.Output.concat('container:', {_variable(fact.shares)}.id)")
    return fact.network_mode or None


def _ports(fact: Container) -> list[dict[str, Any]] | None:
    return [
        {
            "internal": port.container,
            "external": port.host,
            "ip": port.address,
            "protocol": port.protocol,
        }
        for port in fact.ports
    ] or None


def _upload(file: File) -> dict[str, str]:
    content = Code(f"keys[{file.key!r}]") if file.key else file.text
    upload = {"file": file.path, "content": content, "permissions": file.mode}
    return {**upload, "owner": file.owner} if file.owner else upload
