"""One container as a service of a Compose file."""

from typing import Any

from tame_components.domain.container import Container, Mount, PublishedPort


def definition(fact: Container, names: dict[str, str]) -> dict[str, Any]:
    """The service that runs *fact*, without its secrets and files.

    Args:
        fact: the container.
        names: containers -> services, for a namespace that is shared.
    """
    owner = names.get(fact.shares, fact.shares)
    wanted: dict[str, Any] = {
        "image": fact.image,
        "container_name": fact.name,
        "command": _escaped(list(fact.command)),
        "environment": _escaped(dict(fact.environment)),
        "labels": _escaped(dict(fact.labels)),
        "volumes": _escaped([_mount(one) for one in fact.mounts]),
        "ports": [_port(one) for one in fact.ports],
        "networks": {one.network: {"aliases": list(one.aliases)} for one in fact.attachments},
        "network_mode": f"service:{owner}" if owner else fact.network_mode,
        "depends_on": {owner: {"condition": "service_healthy", "restart": True}} if owner else {},
        "extra_hosts": [f"{name}:{ip}" for name, ip in sorted(fact.extra_hosts.items())],
        "user": fact.user,
        "profiles": [] if fact.starts else ["on-demand"],
        "restart": fact.restart,
        "stop_grace_period": f"{fact.stop_grace}s",
        **_rights(fact),
        **_resources(fact),
        "healthcheck": _escaped(_healthcheck(fact)),
    }
    return {key: value for key, value in wanted.items() if value}


def _rights(fact: Container) -> dict[str, Any]:
    return {
        "cap_add": list(fact.capabilities),
        "devices": [f"{path}:{path}:rwm" for path in fact.devices],
        "group_add": list(fact.groups),
        "sysctls": dict(fact.sysctls),
        "security_opt": list(fact.security_options),
        "privileged": fact.privileged,
        "read_only": fact.read_only,
        "pid": fact.pid_mode,
        "ipc": fact.ipc_mode,
    }


def _resources(fact: Container) -> dict[str, Any]:
    limit = f"{fact.memory_mb}m" if fact.memory_mb else ""
    options = dict(fact.log_options)
    return {
        "mem_limit": limit,
        "memswap_limit": limit,  # equal: no swap, as everywhere in TAME
        "runtime": fact.runtime,
        "shm_size": f"{fact.shm_mb}m" if fact.shm_mb else "",
        "tmpfs": [f"{path}:{how}".rstrip(":") for path, how in sorted(fact.tmpfs.items())],
        "deploy": _gpus(fact.gpus),
        "logging": {"driver": "json-file", "options": options} if options else {},
    }


def _gpus(request: str) -> dict[str, Any]:
    """What `docker run --gpus` takes, as a reservation."""
    if not request:
        return {}
    which: dict[str, Any] = {"driver": "nvidia", "capabilities": ["gpu"]}
    kind, _, ids = request.partition("=")
    which |= {"device_ids": ids.split(",")} if kind == "device" else {"count": "all"}
    return {"resources": {"reservations": {"devices": [which]}}}


def _mount(one: Mount) -> dict[str, Any]:
    return {
        "type": one.kind,
        "source": one.source,
        "target": one.target,
        "read_only": one.read_only,
    }


def _port(one: PublishedPort) -> str:
    address = f"[{one.address}]" if ":" in one.address else one.address
    place = f"{address}:" if address else ""
    return f"{place}{one.host}:{one.container}/{one.protocol}"


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


def _escaped(value: Any) -> Any:  # noqa: ANN401 - whatever YAML may hold
    """Compose replaces `$name` in every text."""
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    return value.replace("$", "$$") if isinstance(value, str) else value
