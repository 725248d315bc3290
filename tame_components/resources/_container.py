"""The one file that knows pulumi-docker's shapes.

What the official plugin does with each property was measured (plugin 5.1 on Docker 20.10):

- `healthcheck`, `init` and `tmpfs` are announced as in-place updates and change nothing on the
  container, so they are named in `replace_on_changes`; so are `cpuPeriod`, `cpuQuota` and `rm`,
  which its source never acts on;
- without `destroy_grace_seconds` a container that goes is killed at once;
- containers and networks have fixed names, so the old one is deleted before the new one is made;
- an image is a resource of its own, made first: an image that cannot be pulled then stops the
  update before the old container is touched;
- `memory` alone cannot change below the swap limit, so both are set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker

from tame_components.domain.container import Attachment, Container, Mount, PublishedPort
from tame_components.domain.health import Probe
from tame_components.domain.topology import Network


NOT_IN_PLACE = ["cpuPeriod", "cpuQuota", "healthcheck", "init", "rm", "tmpfs"]

# Docker refuses to make one sooner; the plugin's own default is one minute.
_CREATE_TIMEOUT = pulumi.CustomTimeouts(create="30m", update="30m", delete="10m")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that is written into the container before it starts."""

    path: str
    content: pulumi.Input[str]
    mode: str = "0400"
    """As `chmod` takes it. Secrets: readable by their owner alone."""
    owner: str | None = None
    """A numeric user id. Default: root."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inside:
    """What goes into a container beside its plain facts."""

    files: Sequence[File] = ()
    variables: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Secret variables, for images that cannot read a file; and those that point to a file."""
    namespace_of: pulumi.Input[str] | None = None
    """The id of the container whose network namespace is shared."""


def network(name: str, fact: Network, stack: str, opts: pulumi.ResourceOptions) -> docker.Network:
    """A Docker network of the stack."""
    return docker.Network(
        name,
        name=fact.name,
        driver="bridge",
        internal=fact.internal,
        ipam_configs=[{"subnet": fact.subnet}] if fact.subnet else None,
        labels=[{"label": "tame.stack", "value": stack}],
        opts=opts,
    )


def image(name: str, reference: str, opts: pulumi.ResourceOptions) -> docker.RemoteImage:
    """The image, pulled. The one before it stays, so that a rollback needs no registry."""
    return docker.RemoteImage(name, name=reference, keep_locally=True, opts=opts)


def container_options(
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource],
    engine: docker.Provider | None = None,
) -> pulumi.ResourceOptions:
    """How every container is replaced; see the module's text."""
    return pulumi.ResourceOptions(
        parent=parent,
        provider=engine,
        depends_on=list(depends_on),
        delete_before_replace=True,
        replace_on_changes=NOT_IN_PLACE,
        custom_timeouts=_CREATE_TIMEOUT,
    )


def container(
    name: str, fact: Container, inside: Inside, wait_timeout: int, opts: pulumi.ResourceOptions
) -> docker.Container:
    """The container that *fact* describes, running, and healthy where it has a probe."""
    return docker.Container(
        name,
        name=fact.name,
        image=fact.image,
        command=list(fact.command) or None,
        envs=_environment(fact, inside.variables),
        labels=[
            {"label": key, "value": value} for key, value in sorted(container_labels(fact).items())
        ],
        volumes=[_volume(mount) for mount in fact.mounts],
        ports=[_port(port) for port in fact.ports] or None,
        networks_advanced=[_attachment(one) for one in fact.attachments] or None,
        network_mode=_network_mode(fact, inside),
        hosts=[{"host": name, "ip": ip} for name, ip in sorted(fact.extra_hosts.items())] or None,
        uploads=[_upload(file) for file in inside.files] or None,
        user=fact.user or None,
        restart=fact.restart,
        stop_timeout=fact.stop_grace,
        destroy_grace_seconds=fact.stop_grace,
        memory=fact.memory_mb,
        memory_swap=fact.memory_mb,
        capabilities={"adds": list(fact.capabilities)} if fact.capabilities else None,
        devices=[_device(path) for path in fact.devices] or None,
        group_adds=list(fact.groups) or None,
        gpus=fact.gpus or None,
        runtime=fact.runtime or None,
        shm_size=fact.shm_mb,
        tmpfs=dict(fact.tmpfs) or None,
        sysctls=dict(fact.sysctls) or None,
        security_opts=list(fact.security_options) or None,
        read_only=fact.read_only or None,
        log_driver="json-file" if fact.log_options else None,
        log_opts=dict(fact.log_options) or None,
        healthcheck=healthcheck(fact.probe),
        must_run=fact.starts,
        start=None if fact.starts else False,
        wait=fact.probe is not None,
        wait_timeout=wait_timeout,
        opts=opts,
    )


def container_labels(fact: Container) -> dict[str, str]:
    """The fact's labels, and one that changes where the plugin would not see a property go.

    Its schema computes these, or keeps them when they are empty: left out, they count as unchanged.
    A changed label replaces the container.
    """
    given = {
        "command": fact.command,
        "healthcheck": healthcheck(fact.probe),
        "security_opts": fact.security_options,
        "user": fact.user,
    }
    return {**fact.labels, "tame.sets": ",".join(key for key, value in given.items() if value)}


def _environment(
    fact: Container, secret: Mapping[str, pulumi.Input[str]]
) -> list[pulumi.Input[str]]:
    plain = {key: f"{key}={value}" for key, value in fact.environment.items()}
    hidden = {
        key: f"{key}={value}" if isinstance(value, str) else pulumi.Output.concat(key, "=", value)
        for key, value in secret.items()
    }
    merged: dict[str, pulumi.Input[str]] = {**plain, **hidden}
    return [merged[key] for key in sorted(merged)]


def _network_mode(fact: Container, inside: Inside) -> pulumi.Input[str] | None:
    if inside.namespace_of is not None:
        # Through a property, so that Pulumi replaces the member together with its gateway.
        return pulumi.Output.concat("container:", inside.namespace_of)
    return fact.network_mode or None


def _volume(mount: Mount) -> docker.ContainerVolumeArgsDict:
    where: docker.ContainerVolumeArgsDict = (
        {"host_path": mount.source} if mount.kind == "bind" else {"volume_name": mount.source}
    )
    return {**where, "container_path": mount.target, "read_only": mount.read_only}


def _port(port: PublishedPort) -> docker.ContainerPortArgsDict:
    return {
        "internal": port.container,
        "external": port.host,
        "ip": port.address,
        "protocol": port.protocol,
    }


def _attachment(attachment: Attachment) -> docker.ContainerNetworksAdvancedArgsDict:
    return {"name": attachment.network, "aliases": list(attachment.aliases)}


def _device(path: str) -> docker.ContainerDeviceArgsDict:
    return {"host_path": path, "container_path": path, "permissions": "rwm"}


def _upload(file: File) -> docker.ContainerUploadArgsDict:
    upload: docker.ContainerUploadArgsDict = {
        "file": file.path,
        "content": file.content,
        "permissions": file.mode,
    }
    return {**upload, "owner": file.owner} if file.owner else upload


def healthcheck(probe: Probe | None) -> docker.ContainerHealthcheckArgsDict | None:
    """*probe* as the plugin takes it; None where there is none, or the image brings its own."""
    if probe is None or probe.from_image:
        return None
    timing = probe.timing
    return {
        "tests": list(probe.test),
        "interval": go_duration(timing.interval),
        "timeout": go_duration(timing.timeout),
        "retries": timing.retries,
        "start_period": go_duration(timing.start_period),
    }


def go_duration(seconds: int) -> str:
    """*seconds* as Go prints them: the plugin reads back `1m30s` and takes `90s` for a change."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
