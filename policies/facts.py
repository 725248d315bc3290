"""From the properties of a resource to facts that rules judge.

The values are proxies: neither list nor dict, and an unknown one raises when it is touched. So
each property is read on its own; one that is unknown becomes the name of a field in `unknown`.
Only what a rule reads is taken, and nothing is validated: that is the provider's work.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pulumi_policy.proxy import UnknownValueError

from tame_components.domain.container import Attachment, Container, Mount, PublishedPort
from tame_components.rules.secrets import names_a_secret


Props = Mapping[str, Any]
T = TypeVar("T")

READ = frozenset(
    {"name", "service", "app", "plane", "image", "environment", "secret_variables", "mounts"}
    | {"ports", "attachments", "network_mode", "shares", "labels", "command", "capabilities"}
    | {"security_options", "privileged", "pid_mode", "ipc_mode"}
)
"""The fields of `Container` that are filled here."""

_SHARED = "container:"


class _Reader:
    """Reads properties one by one, and remembers which fields could not be read."""

    def __init__(self, props: Props) -> None:
        self.props = props
        self.unknown: set[str] = set()

    def one(self, field: str, key: str, default: T) -> T:
        """The plain value at *key*."""
        try:
            return self.props.get(key) or default
        except UnknownValueError:
            self.unknown.add(field)
            return default

    def each(self, field: str, key: str, convert: Callable[[Any], T]) -> tuple[T, ...]:
        """The known elements of the list at *key*; one unknown part marks the field."""
        found: list[T] = []
        try:
            items = self.props.get(key) or ()
            count = len(items)
        except UnknownValueError:
            self.unknown.add(field)
            return ()
        for index in range(count):
            try:
                found.append(convert(items[index]))
            except UnknownValueError:
                self.unknown.add(field)
        return tuple(found)


def container_of(props: Props, name: str, *, secret_environment: bool = False) -> Container:
    """The container that *props* ask for.

    Args:
        props: inputs, or outputs, of `docker:index/container:Container`.
        name: the resource's name, where the container's is unknown.
        secret_environment: whether Pulumi holds the whole list of variables as a secret, which
            one secret among them is enough for.
    """
    read = _Reader(props)
    labels = dict(read.each("labels", "labels", lambda item: (item["label"], item["value"])))
    environment = dict(read.each("environment", "envs", _variable))
    mounts = (*read.each("mounts", "volumes", _volume), *read.each("mounts", "mounts", _mount))
    ports = read.each("ports", "ports", _port)
    if any(mount is None for mount in mounts):
        read.unknown.add("mounts")  # taken over from another container: nobody can tell here
    if read.one("ports", "publishAllPorts", default=False):
        read.unknown.add("ports")
    capabilities = _Reader(read.one("capabilities", "capabilities", {}))
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
        attachments=read.each("attachments", "networksAdvanced", _attachment),
        network_mode=mode,
        shares=shares,
        labels=labels,
        command=read.each("command", "command", str),
        capabilities=adds,
        security_options=read.each("security_options", "securityOpts", str),
        privileged=read.one("privileged", "privileged", default=False),
        pid_mode=read.one("pid_mode", "pidMode", ""),
        ipc_mode=read.one("ipc_mode", "ipcMode", ""),
        unknown=frozenset(read.unknown | capabilities.unknown),
    )


def image_of(props: Props, name: str) -> Container:
    """An image that a program names by itself, as a container of which only the image is known."""
    read = _Reader(props)
    image = read.one("image", "name", "")
    return Container.model_construct(name=name, image=image, unknown=frozenset(read.unknown))


def network_of(props: Props) -> tuple[str, bool] | None:
    """A network's name and whether it is internal; None where that is unknown."""
    read = _Reader(props)
    name, internal = read.one("name", "name", ""), read.one("internal", "internal", default=False)
    return None if read.unknown or not name else (name, internal)


def volume_of(props: Props) -> tuple[str, str, dict[str, str]] | None:
    """A volume's name, driver and options; None where its name is unknown."""
    read = _Reader(props)
    name, driver = read.one("name", "name", ""), read.one("driver", "driver", "")
    options = _options(read, "driverOpts")
    return (name, driver, options) if name else None


def _options(read: _Reader, key: str) -> dict[str, str]:
    """The known entries of the map at *key*."""
    options: Props = read.one("options", key, {})
    found: dict[str, str] = {}
    for option in options:
        try:
            found[option] = str(options[option])
        except UnknownValueError:
            read.unknown.add("options")
    return found


def _variable(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _image(read: _Reader, labels: Mapping[str, str]) -> str:
    """The reference, or what the label says where only the engine's id of it will be known."""
    image = read.one("image", "image", "")
    written = labels.get("tame.image", "")
    if written and (not image or image.startswith("sha256:")):
        read.unknown.discard("image")
        return written
    return image


def _network(read: _Reader, labels: Mapping[str, str]) -> tuple[str, str]:
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


def _volume(item: Props) -> Mount | None:
    if item.get("fromContainer"):
        return None
    host = item.get("hostPath")
    return Mount.model_construct(
        kind="bind" if host else "volume",
        source=host or item.get("volumeName") or "",
        target=item.get("containerPath") or "",
        read_only=bool(item.get("readOnly")),
    )


def _mount(item: Props) -> Mount:
    options = item.get("volumeOptions") or {}
    return Mount.model_construct(
        kind="bind" if item.get("type") == "bind" else "volume",
        source=item.get("source") or "",
        target=item.get("target") or "",
        read_only=bool(item.get("readOnly")),
        driver=options.get("driverName") or None,
        options=dict(options.get("driverOptions") or {}),
    )


def _port(item: Props) -> PublishedPort:
    inner = int(item["internal"])
    return PublishedPort.model_construct(
        address=item.get("ip") or "",
        host=int(item.get("external") or inner),
        container=inner,
        protocol=item.get("protocol") or "tcp",
    )


def _attachment(item: Props) -> Attachment:
    aliases = item.get("aliases") or ()
    return Attachment.model_construct(
        network=item["name"], aliases=tuple(aliases[index] for index in range(len(aliases)))
    )
