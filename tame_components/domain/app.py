"""What is known about an application, whatever stack it runs in: one entry of the catalog."""

import datetime as dt
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from tame_components.domain.base import Frozen, Sourced
from tame_components.domain.health import Probe
from tame_components.domain.image import ImageReference
from tame_components.domain.planes import Plane


class Kind(StrEnum):
    """What an application does in the pipeline; one group of the dashboard and the graph each."""

    MEDIA_SERVER = "media-server"
    AUTOMATION = "automation"
    REQUESTS = "requests"
    DOWNLOADS = "downloads"
    VPN = "vpn"
    STATISTICS = "statistics"
    NOTICE = "notice"
    OBSERVABILITY = "observability"
    SUPPORT = "support"


class Family(StrEnum):
    """Who built the image, as far as it changes how the container is set up."""

    LINUXSERVER = "linuxserver"
    """s6 init as root, then the service as PUID:PGID; `FILE__NAME` variables read files."""
    HOTIO = "hotio"
    """s6 init, PUID/PGID/UMASK, no `FILE__`."""
    VENDOR = "vendor"
    """The application's own authors; nothing in common."""


class Pin(Sourced):
    """The image that TAME deploys unless a stack names another."""

    repository: str
    tag: str
    seen: dt.date
    """The day on which *source* showed that this tag exists."""
    family: Family
    architectures: tuple[Literal["amd64", "arm64", "arm/v7"], ...]

    @property
    def reference(self) -> ImageReference:
        """The reference without a digest: digests are written by a lock, never typed."""
        return ImageReference(repository=self.repository, tag=self.tag)


class Programs(Sourced):
    """Programs that the image is known to contain, so that probes may use them."""

    names: tuple[str, ...] = ()


class Port(Sourced):
    """A port that the application listens on inside its container."""

    name: str
    """`ui` for the one that people and other services use; else what it is for."""
    number: int = Field(ge=1, le=65535)
    protocol: Literal["tcp", "udp"] = "tcp"
    scheme: Literal["http", "https", "tcp"] = "http"


class Database(Frozen):
    """A SQLite file that a backup must copy as one."""

    path: str
    """Relative to the state directory."""
    tables: tuple[str, ...] = ()
    """Tables whose row counts a restore is judged by."""


class State(Sourced):
    """What the application keeps, and would be missed."""

    directory: str
    """Inside the container, e.g. `/config`."""
    databases: tuple[Database, ...] = ()


class Identity(Sourced):
    """How the image chooses the user that it runs as."""

    by: Literal["puid-pgid", "user", "fixed"]
    """`puid-pgid`: environment. `user`: Docker's `user`. `fixed`: the image decides."""
    umask: bool = False
    """Whether the image reads UMASK."""
    uid: int | None = None
    """The id of a `fixed` image, where known."""


class SecretEntry(StrEnum):
    """How a secret gets into the container."""

    FILE = "file"
    """The application reads the file itself; `variable`, where given, holds its path."""
    FILE_VARIABLE = "file-variable"
    """linuxserver's `FILE__NAME`: the init reads the file into the variable NAME."""
    VARIABLE = "variable"
    """Plain environment: the image knows nothing better. Readable through the Docker socket."""
    SEED = "seed"
    """A script of `[seed]` writes it into the application's own file at each start."""


class Secret(Sourced):
    """A secret that the application takes from outside."""

    name: str
    """`api-key` for the key that other services use."""
    derive: Literal["hex32", "password", "pbkdf2-qbittorrent", "given"]
    """How it comes from the root secret; `given`: a person has to supply it."""
    enters: SecretEntry
    variable: str | None = None
    path: str | None = None
    """Where the file lies in the container. Default: `/run/secrets/<name>`."""
    template: str = "{value}"
    """What is written, with `{value}` for the secret: some programs want it inside JSON."""
    optional: bool = False
    """Whether the application also starts without it."""

    @property
    def file(self) -> str:
        """Where the file lies in the container."""
        return self.path or f"/run/secrets/{self.name}"


class Seed(Sourced):
    """A script that linuxserver's init runs as root before the application starts.

    It makes sure that settings which exist only in the application's own file have the wanted
    value; it must be idempotent, keep everything else in the file, and use only `programs`.
    """

    script: str


class Offer(Sourced):
    """Something another service may call."""

    name: str
    """What callers look for, e.g. `torrent-client`, `movies`, `media-server`."""
    port: str = "ui"
    private: bool = False
    """Whether only its callers may reach it, over an internal network of their own."""


class Need(Sourced):
    """Something the application calls, wherever the stack has it."""

    offer: str
    why: str
    call_back: bool = False
    """Whether the other side also calls back, so that both directions must be reachable."""
    variable: str | None = None
    """The environment variable that tells the application where the other side is."""
    value: str = "{url}"
    """What the variable holds; `{url}`, `{host}` and `{port}` are filled in."""


class Limits(Sourced):
    """Resource limits that fit a home server."""

    memory_mb: int = Field(ge=16)


class DataAccess(StrEnum):
    """What the application does with the stack's one data tree."""

    NONE = "none"
    READ = "read"
    WRITE = "write"


class App(Frozen):
    """One application. Every fact about somebody else's program names its source."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    summary: str
    """What it is for, one sentence without a full stop."""
    kind: Kind
    homepage: str
    licence: str
    plane: Plane
    data: DataAccess = DataAccess.NONE
    importer: bool = False
    """Whether it links finished downloads into the library, so that one mount is a must."""
    torrent: bool = False
    """Whether it speaks BitTorrent to strangers, so that it belongs behind the VPN."""
    image: Pin
    programs: Programs
    identity: Identity
    ports: tuple[Port, ...] = ()
    state: State | None = None
    probe: Probe
    stop_grace: int = Field(default=30, ge=1)
    """Seconds between the stop signal and SIGKILL. At least 60 with a SQLite database."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Variables that are the doctrine's defaults for this application."""
    secrets: tuple[Secret, ...] = ()
    seed: Seed | None = None
    offers: tuple[Offer, ...] = ()
    needs: tuple[Need, ...] = ()
    limits: Limits
    capabilities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    docker_socket: bool = False
    """Whether it reads the Docker socket itself: only a filtering proxy may."""
    command: tuple[str, ...] = ()
    """Arguments after the image's entry point. Empty: the image's own."""
    log_signatures: dict[str, str] = Field(default_factory=dict)
    """Text in the log -> what it means, e.g. `database disk image is malformed`."""
    fidelity: Literal["api", "health"] = "health"
    """How much of the application its stand-in speaks: its API, or only health and status."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        """A fact must not contradict another one of the same application."""
        names = [port.name for port in self.ports]
        if len(names) != len(set(names)):
            raise ValueError(f"two ports of `{self.name}` share a name")
        for offer in self.offers:
            if offer.port not in names:
                raise ValueError(f"`{self.name}` offers `{offer.name}` on a port it lacks")
        if self.state and self.state.databases and self.stop_grace < 60:  # noqa: PLR2004 - R32
            raise ValueError(f"`{self.name}` keeps SQLite files: `stop_grace` must be 60 or more")
        if self.probe.test and self.probe.test[0] == "CMD":
            program = self.probe.test[1].rsplit("/", 1)[-1]
            if program not in self.programs.names:
                raise ValueError(f"the probe of `{self.name}` runs `{program}`: not in `programs`")
        for secret in self.secrets:
            if secret.enters is SecretEntry.SEED and self.seed is None:
                raise ValueError(f"`{self.name}` seeds `{secret.name}` without a script")
        return self

    def port(self, name: str = "ui") -> Port | None:
        """The port called *name*, or None."""
        return next((port for port in self.ports if port.name == name), None)
