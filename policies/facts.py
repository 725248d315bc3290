"""From the properties of a resource to facts that rules judge.

The values are proxies: neither list nor dict, and an unknown one raises when it is touched. So
each property is read on its own; one that is unknown becomes the name of a field in `unknown`.
Only what a rule reads is taken, and nothing is validated: that is the provider's work.
"""

from collections.abc import Iterable, Mapping

from pulumi_policy.proxy import UnknownValueError

from policies import reading
from policies.reading import Props, Reader
from tame_components.domain.container import Container
from tame_components.domain.health import Probe
from tame_components.rules.secrets import names_a_secret


READ = frozenset(
    {"name", "service", "app", "plane", "image", "environment", "secret_variables", "mounts"}
    | {"ports", "attachments", "network_mode", "shares", "labels", "command", "capabilities"}
    | {"security_options", "privileged", "pid_mode", "ipc_mode", "probe", "user", "restart"}
    | {"stop_grace", "memory_mb", "devices", "tmpfs", "starts", "sysctls", "read_only"}
    | {"log_options", "gpus", "runtime"}
)
"""The fields of `Container` that are filled here."""

_SHARED = "container:"
_IMAGE = "-image"
_DOCKERS_GRACE = 10
"""Seconds between the stop signal and the kill, where nobody says (docker stop)."""


def container_of(props: Props, name: str, *, secret_environment: bool = False) -> Container:
    """The container that *props* ask for.

    Args:
        props: inputs, or outputs, of `docker:index/container:Container`.
        name: the resource's name, where the container's is unknown.
        secret_environment: whether Pulumi holds the whole list of variables as a secret, which
            one secret among them is enough for.
    """
    read = Reader(props)
    labels = dict(read.each("labels", "labels", lambda item: (item["label"], item["value"])))
    environment = dict(read.each("environment", "envs", reading.variable))
    mounts = (
        *read.each("mounts", "volumes", reading.volume),
        *read.each("mounts", "mounts", reading.mount),
    )
    ports = read.each("ports", "ports", reading.port)
    if any(mount is None for mount in mounts):
        read.unknown.add("mounts")  # taken over from another container: nobody can tell here
    if read.one("ports", "publishAllPorts", default=False):
        read.unknown.add("ports")
    capabilities = Reader(read.one("capabilities", "capabilities", {}))
    adds = capabilities.each("capabilities", "adds", str)
    mode, shares = _network(read, labels)
    return Container.model_construct(
        name=read.one("name", "name", name),
        service=labels.get("tame.service", ""),
        app=labels.get("tame.app", ""),
        plane=labels.get("tame.plane", ""),
        image=_image(read, labels),
        environment=environment,
        secret_variables=_secret_variables(
            labels, environment, secret_environment=secret_environment
        ),
        mounts=tuple(mount for mount in mounts if mount is not None),
        ports=ports,
        attachments=read.each("attachments", "networksAdvanced", reading.attachment),
        network_mode=mode,
        shares=shares,
        labels=labels,
        command=read.each("command", "command", str),
        capabilities=adds,
        security_options=read.each("security_options", "securityOpts", str),
        privileged=read.one("privileged", "privileged", default=False),
        pid_mode=read.one("pid_mode", "pidMode", ""),
        ipc_mode=read.one("ipc_mode", "ipcMode", ""),
        probe=_probe(read, labels),
        user=read.one("user", "user", ""),
        restart=read.one("restart", "restart", "no"),
        starts=_flag(read, "starts", "start", default=True),
        stop_grace=int(read.one("stop_grace", "stopTimeout", _DOCKERS_GRACE)),
        memory_mb=int(read.one("memory_mb", "memory", 0)) or None,
        devices=read.each("devices", "devices", reading.device),
        gpus=read.one("gpus", "gpus", ""),
        runtime=read.one("runtime", "runtime", ""),
        tmpfs=read.table("tmpfs", "tmpfs"),
        sysctls=read.table("sysctls", "sysctls"),
        read_only=read.one("read_only", "readOnly", default=False),
        log_options=_log_options(read),
        unknown=frozenset(read.unknown | capabilities.unknown),
    )


def image_of(props: Props, name: str) -> Container:
    """An image that a program names by itself, as a container of which only the image is known.

    TAME's own are called `<service>-image`: what is allowed to the service is allowed to its image.
    """
    read = Reader(props)
    image = read.one("image", "name", "")
    service = name.removesuffix(_IMAGE) if name.endswith(_IMAGE) else ""
    unknown = frozenset(read.unknown)
    return Container.model_construct(name=name, service=service, image=image, unknown=unknown)


def network_of(props: Props) -> tuple[str, bool, bool] | None:
    """A network's name, whether it is internal, and whether it has IPv6; None if unknown."""
    read = Reader(props)
    name, internal = read.one("name", "name", ""), read.one("internal", "internal", default=False)
    ipv6 = read.one("ipv6", "ipv6", default=False)
    return None if read.unknown or not name else (name, internal, ipv6)


def volume_of(props: Props) -> tuple[str, str, dict[str, str]] | None:
    """A volume's name, driver and options; None where its name is unknown."""
    read = Reader(props)
    name, driver = read.one("name", "name", ""), read.one("driver", "driver", "")
    options = read.table("options", "driverOpts")
    return (name, driver, options) if name else None


def _flag(read: Reader, field: str, key: str, *, default: bool) -> bool:
    """A property whose absence is not the same as False."""
    try:
        found = read.props.get(key)
    except UnknownValueError:
        read.unknown.add(field)
        return default
    return default if found is None else bool(found)


def _probe(read: Reader, labels: Mapping[str, str]) -> Probe | None:
    """The health check; a container of TAME without one has its image's, or runs on demand."""
    given: Props = read.one("probe", "healthcheck", {})
    if given:
        try:
            return reading.probe(given)
        except UnknownValueError:
            read.unknown.add("probe")
            return None
    if "tame.sets" in labels and _flag(read, "starts", "start", default=True):
        return Probe.model_construct(test=(), proves="", source="")
    return None


def _log_options(read: Reader) -> dict[str, str]:
    """The log's options, and its driver where that is another than Docker's own."""
    driver = read.one("log_options", "logDriver", "")
    return read.table("log_options", "logOpts") | ({"driver": driver} if driver else {})


def _image(read: Reader, labels: Mapping[str, str]) -> str:
    """The reference, or what the label says where only the engine's id of it will be known."""
    image = read.one("image", "image", "")
    written = labels.get("tame.image", "")
    if written and (not image or image.startswith("sha256:")):
        read.unknown.discard("image")
        return written
    return image


def _network(read: Reader, labels: Mapping[str, str]) -> tuple[str, str]:
    """The mode, and whose namespace is shared; the label stands in for a mode nobody knows yet."""
    mode, through = read.one("network_mode", "networkMode", ""), labels.get("tame.through", "")
    if "network_mode" in read.unknown and through:
        read.unknown.discard("network_mode")
        return "", through
    if mode.startswith(_SHARED):
        return mode, through or mode.removeprefix(_SHARED)
    return mode, ""


def _secret_variables(
    labels: Mapping[str, str], names: Iterable[str], *, secret_environment: bool
) -> tuple[str, ...]:
    said = labels.get("tame.secret-variables")
    if said is not None:
        return tuple(sorted(name for name in said.split(",") if name))
    return tuple(sorted(filter(names_a_secret, names))) if secret_environment else ()
