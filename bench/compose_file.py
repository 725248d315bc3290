"""The same containers for `docker compose`: its file, and the files that it mounts."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.contents import Contents, File, contents
from tame_components.domain.container import Container
from tame_components.domain.topology import Topology


def write(
    directory: Path,
    topology: Topology,
    containers: Mapping[str, Container],
    keys: Mapping[str, str],
) -> Path:
    """Write the compose file of *topology* and its secrets below *directory*.

    Pulumi copies files into a container; Compose, in the versions that are out there, mounts them.
    """
    import yaml  # noqa: PLC0415 - the comparison alone needs it

    found: dict[str, Any] = {}
    for service in topology.services:
        inside = contents(service, keys)
        mounted = [
            _mounted(_store(directory / "files" / service.name, file, keys), file.path)
            for file in inside.files
        ]
        found[service.name] = definition(containers[service.name], inside, keys, mounted)
    networks = {
        network.name: {
            "name": network.name,
            "driver": "bridge",
            "internal": network.internal,
            "labels": {"tame.stack": topology.stack},
        }
        for network in topology.networks
    }
    file = directory / "compose.yaml"
    file.write_text(yaml.safe_dump(_escaped({"services": found, "networks": networks})))
    file.chmod(0o600)
    return file


def definition(
    fact: Container, inside: Contents, keys: Mapping[str, str], mounted: list[dict[str, Any]]
) -> dict[str, Any]:
    """One service of the compose file."""
    hidden = {variable: keys[key] for variable, key in inside.hidden.items()}
    own = [_bind(one.source, one.target, read_only=one.read_only) for one in fact.mounts]
    wanted: dict[str, Any] = {
        "image": fact.image,
        "container_name": fact.name,
        "command": list(fact.command),
        "environment": {**fact.environment, **inside.plain, **hidden},
        "labels": dict(fact.labels),
        "volumes": [*own, *mounted],
        "ports": [f"{p.address}:{p.host}:{p.container}/{p.protocol}" for p in fact.ports],
        "networks": {one.network: {"aliases": list(one.aliases)} for one in fact.attachments},
        "network_mode": f"service:{fact.shares}" if fact.shares else fact.network_mode,
        "depends_on": {fact.shares: {"condition": "service_healthy"}} if fact.shares else {},
        "extra_hosts": [f"{name}:{ip}" for name, ip in sorted(fact.extra_hosts.items())],
        "user": fact.user,
        "restart": fact.restart,
        "stop_grace_period": f"{fact.stop_grace}s",
        "mem_limit": f"{fact.memory_mb}m" if fact.memory_mb else "",
        "memswap_limit": f"{fact.memory_mb}m" if fact.memory_mb else "",
        "cap_add": list(fact.capabilities),
        "devices": [f"{path}:{path}:rwm" for path in fact.devices],
        "sysctls": dict(fact.sysctls),
        "security_opt": list(fact.security_options),
        "read_only": fact.read_only,
        "logging": {"driver": "json-file", "options": dict(fact.log_options)},
        "healthcheck": _healthcheck(fact),
    }
    return {key: value for key, value in wanted.items() if value}


def _healthcheck(fact: Container) -> dict[str, Any]:
    if fact.probe is None or fact.probe.from_image:
        return {}
    timing = fact.probe.timing
    return {
        "test": list(fact.probe.test),
        "interval": f"{timing.interval}s",
        "timeout": f"{timing.timeout}s",
        "retries": timing.retries,
        "start_period": f"{timing.start_period}s",
    }


def _bind(source: str, target: str, *, read_only: bool) -> dict[str, Any]:
    return {"type": "bind", "source": source, "target": target, "read_only": read_only}


def _mounted(source: Path, target: str) -> dict[str, Any]:
    return _bind(str(source), target, read_only=True)


def _store(directory: Path, file: File, keys: Mapping[str, str]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    place = directory / file.path.strip("/").replace("/", "_")
    place.write_text(keys[file.key] if file.key else file.text)
    place.chmod(int(file.mode, 8))
    if file.owner:
        os.chown(place, int(file.owner), -1)
    return place


def _escaped(value: Any) -> Any:  # noqa: ANN401 - whatever YAML may hold
    """Compose replaces `$name` in every text."""
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    return value.replace("$", "$$") if isinstance(value, str) else value
