"""What is known about an application, whatever stack it runs in: one entry of the catalog."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from tame_components.domain.app_image import Identity, Limits, Pin, Programs
from tame_components.domain.app_secrets import Secret, SecretEntry, Seed
from tame_components.domain.app_traits import (
    Advertised,
    ConfigFile,
    Dashboard,
    ExtraMount,
    Metrics,
    TagGrammar,
    Version,
)
from tame_components.domain.base import Frozen, Sourced
from tame_components.domain.health import Probe
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
    TRANSCODE = "transcode"
    LIVE_TV = "live-tv"
    REMOTE_ACCESS = "remote-access"
    FILES = "files"
    PROTECTION = "protection"
    BACKUP = "backup"
    AGENT = "agent"


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
    backup: Literal["full", "settings", "none"] = "full"
    """`settings`: worth keeping, but quickly made again by hand. `none`: a cache."""
    excludes: tuple[str, ...] = ()
    """Globs below the directory that a snapshot leaves out, because they are made again."""


class Offer(Sourced):
    """Something another service may call."""

    name: str
    """What callers look for, e.g. `torrent-client`, `movies`, `media-server`."""
    port: str = "ui"
    """Empty: nothing is called; others read its files (`mounts`, what = "state-of")."""
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
    probe: Probe | None = None
    """How to tell that it works. Only what runs on demand has none."""
    runs: Literal["always", "on-demand"] = "always"
    """`on-demand`: made but not started; `tame run` starts it, and it ends by itself."""
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
    groups: tuple[str, ...] = ()
    """Further groups of the host, by id, that it needs to be in."""
    host_network: Literal["never", "may", "must"] = "never"
    """Whether it has reason to live on the host's network."""
    transcodes: bool = False
    """Whether it works on video, so that a GPU and a fast scratch directory serve it."""
    scratch: str | None = None
    """Where it puts what it transcodes, if that is not below its state."""
    mounts: tuple[ExtraMount, ...] = ()
    files: tuple[ConfigFile, ...] = ()
    docker_socket: bool = False
    """Whether it reads the Docker socket itself: only a filtering proxy may."""
    command: tuple[str, ...] = ()
    """Arguments after the image's entry point. Empty: the image's own."""
    tags: TagGrammar | None = None
    """Which tags are newer releases. None only while nobody has looked."""
    version: Version | None = None
    """Where it says which version runs. None: it says so nowhere."""
    metrics: Metrics | None = None
    advertised: Advertised | None = None
    """How it is told where players find it. None: it finds out, or has none."""
    dashboard: Dashboard | None = None
    published: bool = True
    """Whether its image can be pulled. False: a rehearsal alone can run it."""
    log_signatures: dict[str, str] = Field(default_factory=dict)
    """Text in the log -> what it means, e.g. `database disk image is malformed`."""
    fidelity: Literal["api", "health"] = "health"
    """How much of the application its stand-in speaks: its API, or only health and status."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = [port.name for port in self.ports]
        if len(names) != len(set(names)):
            raise ValueError(f"two ports of `{self.name}` share a name")
        for offer in self.offers:
            if offer.port and offer.port not in names:
                raise ValueError(f"`{self.name}` offers `{offer.name}` on a port it lacks")
        if self.databases and self.stop_grace < 60:  # noqa: PLR2004 - R32
            raise ValueError(f"`{self.name}` keeps SQLite files: `stop_grace` must be 60 or more")
        if self.tags and self.tags.order(self.image.tag) is None:
            raise ValueError(f"the pin of `{self.name}` is no release by its own tag grammar")
        return self

    @model_validator(mode="after")
    def _can_be_probed(self) -> Self:
        if (self.probe is None) != (self.runs == "on-demand"):
            raise ValueError(f"`{self.name}` needs a probe, unless it runs on demand")
        if self.probe and self.probe.test and self.probe.test[0] == "CMD":
            program = self.probe.test[1].rsplit("/", 1)[-1]
            if program not in self.programs.names:
                raise ValueError(f"the probe of `{self.name}` runs `{program}`: not in `programs`")
        return self

    @model_validator(mode="after")
    def _gets_its_secrets(self) -> Self:
        for secret in self.secrets:
            if (secret.derive == "borrowed") != (secret.offer is not None):
                raise ValueError(f"`{secret.name}` names an `offer` if it is borrowed, or neither")
            if secret.enters is SecretEntry.SEED and self.seed is None:
                raise ValueError(f"`{self.name}` seeds `{secret.name}` without a script")
        return self

    def port(self, name: str = "ui") -> Port | None:
        """The port called *name*, or None."""
        return next((port for port in self.ports if port.name == name), None)

    @property
    def keeps(self) -> bool:
        """Whether it keeps what would be missed: neither nothing nor a cache."""
        return self.state is not None and self.state.backup != "none"

    @property
    def databases(self) -> tuple[Database, ...]:
        """The SQLite files that it keeps."""
        return self.state.databases if self.state else ()

    @property
    def offered(self) -> frozenset[str]:
        """The names of what it offers."""
        return frozenset(offer.name for offer in self.offers)
