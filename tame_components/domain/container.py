"""One container, as plain facts: what a constructor asks for and what a rule judges."""

from typing import Literal, Self

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.domain.health import Probe
from tame_components.domain.paths import DATA


DOCKER_SOCKET = "/var/run/docker.sock"


class Mount(Frozen):
    """A directory, file or volume that the container sees."""

    kind: Literal["bind", "volume"] = "bind"
    source: str
    """A path on the host, or a volume's name."""
    target: str
    read_only: bool = False
    driver: str | None = None
    """A volume's driver, where known."""
    options: dict[str, str] = Field(default_factory=dict)
    """A volume's driver options, where known."""
    role: Literal["state", "data", "socket", "extra"] = "extra"
    """What it is for, where TAME made it."""

    @classmethod
    def state(cls, source: str, target: str) -> Self:
        """What the application keeps."""
        return cls(source=source, target=target, role="state")

    @classmethod
    def data(cls, root: str, *, read_only: bool) -> Self:
        """The one data tree, whole."""
        return cls(source=root, target=DATA, read_only=read_only, role="data")

    @classmethod
    def docker_socket(cls, source: str) -> Self:
        """The Docker socket, read-only: there is no writable variant to call.

        Read-only stops deleting and chmod, nothing more; the filter is the proxy.
        """
        return cls(source=source, target=DOCKER_SOCKET, read_only=True, role="socket")


class PublishedPort(Frozen):
    """A port of the host that leads into the container."""

    address: str = ""
    """The host's address it listens on. Empty means all of them, which the doctrine forbids."""
    host: int = Field(ge=1, le=65535)
    container: int = Field(ge=1, le=65535)
    protocol: Literal["tcp", "udp"] = "tcp"
    audience: Literal["people", "machines"] = "people"
    """`machines`: for services on the stack's other hosts, at the address that they share."""


class Attachment(Frozen):
    """A network that the container joins, and the names it has there."""

    network: str
    aliases: tuple[str, ...] = ()


class Container(Frozen):
    """What is asked of the Docker engine, without the secrets' values."""

    name: str
    service: str = ""
    """The service it runs; empty where TAME did not make it."""
    app: str = ""
    image: str
    """The whole reference, as text: a rule has to judge wrong ones too."""
    family: str = ""
    plane: str = ""
    environment: dict[str, str] = Field(default_factory=dict)
    """Plain variables. Secret ones are in `secret_variables`, by name only."""
    secret_variables: tuple[str, ...] = ()
    secret_files: tuple[str, ...] = ()
    """Paths in the container at which secrets lie as files."""
    mounts: tuple[Mount, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    network_mode: str = ""
    """`host`, `none`, `bridge`, `container:<name>`; empty: the attachments alone."""
    shares: str = ""
    """The service whose network namespace it lives in."""
    labels: dict[str, str] = Field(default_factory=dict)
    probe: Probe | None = None
    """None: nobody judges its health. A probe without a test: the image's own."""
    command: tuple[str, ...] = ()
    user: str = ""
    restart: str = "unless-stopped"
    stop_grace: int = 10
    memory_mb: int | None = None
    capabilities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Further groups of its processes, by id: the render node's, the Docker socket's."""
    gpus: str = ""
    """What `docker run --gpus` takes, e.g. `all` or `device=0,1`. Empty: none."""
    runtime: str = ""
    """Another OCI runtime than the engine's default, e.g. `nvidia`."""
    shm_mb: int | None = None
    """Size of `/dev/shm`. None: the engine's 64 MB."""
    tmpfs: dict[str, str] = Field(default_factory=dict)
    """File systems in memory: path -> mount options."""
    starts: bool = True
    """False: made, but not started: it runs on demand."""
    host: str = ""
    """The machine of the stack's `hosts` that it runs on. Empty: the stack's own engine."""
    sysctls: dict[str, str] = Field(default_factory=dict)
    security_options: tuple[str, ...] = ()
    privileged: bool = False
    read_only: bool = False
    pid_mode: str = ""
    ipc_mode: str = ""
    extra_hosts: dict[str, str] = Field(default_factory=dict)
    """Names that resolve to the host, e.g. `host.docker.internal` -> `host-gateway`."""
    log_options: dict[str, str] = Field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    """Fields whose value only the engine will know; a rule that reads one cannot judge."""
