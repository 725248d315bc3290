"""The dials of a stack: what `Pulumi.<stack>.yaml` says, as one frozen value."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tame_components.domain.agent import AgentSettings
from tame_components.domain.backup import BackupSettings
from tame_components.domain.base import Frozen
from tame_components.domain.gpu import GpuSettings
from tame_components.domain.hosts import HostSettings, PreparationSettings, is_local
from tame_components.domain.observability import ObservabilitySettings
from tame_components.domain.paths import DataTree, HostPath
from tame_components.domain.pipeline import PipelineSettings
from tame_components.domain.planes import Plane
from tame_components.domain.proving import EvidenceSettings
from tame_components.domain.registry import RegistrySettings
from tame_components.domain.remote_access import RemoteAccessSettings
from tame_components.domain.setting_types import (
    Address,
    Day,
    Name,
    PortNumber,
    Subnet,
    Timezone,
    Url,
)


class Environment(StrEnum):
    """What a stack is for; decides how strict the doctrine is."""

    DEV = "dev"
    SANDBOX = "sandbox"
    PROD = "prod"


class NetworkSettings(Frozen):
    """The stack's own networks."""

    subnet: Subnet | None = None
    """Of the main bridge. Default: the Docker engine chooses a free one."""
    container_names: Literal["prefixed", "plain"] = "prefixed"
    """`prefixed`: `<stack>-<service>`. `plain`: `<service>`, for one stack per engine."""


class IdentitySettings(Frozen):
    """Who the services run as, and who owns what they write."""

    gid: int = Field(default=13000, ge=1, le=65533)
    """The one group of everything below the data root."""
    uid: int | None = Field(default=None, ge=1, le=65533)
    """One user for all services. Default: a stable id of its own for each."""
    umask: Literal["002", "007"] = "002"
    docker_gid: int = Field(default=0, ge=0)
    """The group that owns the Docker socket (`stat -c %g /var/run/docker.sock`)."""


class ExposureSettings(Frozen):
    """Where published ports listen."""

    user_address: Address = "127.0.0.1"
    """For the user plane: the host's LAN address, or loopback behind a reverse proxy."""
    operator_address: Literal["127.0.0.1", "::1"] = "127.0.0.1"
    """For an operator's UI that asks for a port. Only loopback: the doctrine (R14)."""
    machines_address: Address | None = None
    """This machine's address on the network that it shares with `hosts` and with nobody else. What
    services there need of services here is published at it."""


class VpnSettings(Frozen):
    """The tunnel that torrent clients leave through; gluetun's words."""

    provider: str = "custom"
    type: Literal["wireguard"] = "wireguard"
    addresses: tuple[str, ...] = ()
    """The client's addresses in the tunnel, with prefix length."""
    countries: tuple[str, ...] = ()
    endpoint_ip: Address | None = None
    """Custom provider only."""
    endpoint_port: PortNumber | None = None
    public_key: str | None = None
    """The custom provider's."""
    port_forwarding: bool = False
    outbound_subnets: tuple[Subnet, ...] = ()
    """Subnets that members may reach beside the tunnel, e.g. the LAN."""


class ServiceSettings(Frozen):
    """One service; `{}` is a good default."""

    app: Name | None = None
    """The catalog entry. Default: the service's own name."""
    image: str | None = None
    """Another version than the catalog's pin. A full version, with or without digest."""
    plane: Plane | None = None
    publish: int | None = Field(default=None, ge=0, le=65535)
    """Port of the host; 0: none. Default: user plane: the application's own port; else none."""
    advertise: tuple[Url, ...] | None = None
    """Where players are told to find it, Plex and Jellyfin alone; Plex wants the port named.
    Default: its public name and its published address, where other machines reach them."""
    host_network: bool = False
    """Only for Plex, which discovers players by broadcast."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Further plain variables; never secrets."""
    memory_mb: int | None = Field(default=None, ge=16)
    gpu: bool | None = None
    """Whether it gets the stack's GPU. Default: where the application works on video."""
    host: Name | None = None
    """One of `hosts`. Default: the stack's own engine."""
    uid: int | None = Field(default=None, ge=0, le=65533)
    uses: tuple[Name, ...] | None = None
    """Services it calls. Default: each service that offers what the application needs."""
    rotation: int = Field(default=0, ge=0)
    """Counts up to replace its derived secrets."""


class Exemption(Frozen):
    """A rule that one service may break, for a while."""

    rule: Annotated[str, Field(pattern=r"^[a-z][a-z-]+$")]
    service: Name
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=10)
    expires: Day


class StackSettings(Frozen):
    """Everything that a person decides about one stack. Secrets are elsewhere: Pulumi's."""

    stack: Name
    """Set by Pulumi: the stack's name."""
    environment: Environment
    rehearsal: bool = False
    """Whether the stack runs stand-ins instead of the applications."""
    engine: str = Field(
        default="unix:///var/run/docker.sock", pattern=r"^(unix:///|tcp://|ssh://).+"
    )
    """The Docker engine. One per stack; never a default that could be the wrong one."""
    hosts: dict[Name, HostSettings] = Field(default_factory=dict)
    """Other machines with a Docker engine, for services that name one in `host`."""
    preparation: PreparationSettings | None = None
    """What is looked after on the engine's host. Default: the folders alone."""
    timezone: Timezone = "Etc/UTC"
    data: DataTree
    config_root: HostPath
    """Below it, one directory per service. On a local disk, never on a network share."""
    network: NetworkSettings = NetworkSettings()
    identity: IdentitySettings = IdentitySettings()
    exposure: ExposureSettings = ExposureSettings()
    vpn: VpnSettings | None = None
    gpu: GpuSettings | None = None
    """The GPU that media servers and transcoders use. Default: none, they use the processor."""
    backup: BackupSettings | None = None
    """What is kept of the services' state. Default: nothing, which the doctrine tells you of."""
    observability: ObservabilitySettings | None = None
    """How the stack is watched. Default: by what is in `services`, with the values below."""
    remote_access: RemoteAccessSettings | None = None
    """How people reach the user plane from outside. Default: not at all."""
    agent: AgentSettings | None = None
    """What the agent may do by itself. Default: no agent."""
    registry: RegistrySettings = RegistrySettings()
    """Where images come from, where that is not simply their own registry."""
    pipeline: PipelineSettings = PipelineSettings()
    """Indexers, libraries, quality profiles and users."""
    services: dict[Name, ServiceSettings] = Field(min_length=1)
    probe_interval: int | None = Field(default=None, ge=1, le=300)
    """Seconds between probes, where that is quicker than the catalog. Default: the catalog's."""
    wait_timeout: int = Field(default=180, ge=5, le=3600)
    """Seconds that `pulumi up` waits for a service to become healthy."""
    protect: bool = False
    """Whether Pulumi refuses to delete the networks and containers of the stack."""
    exemptions: tuple[Exemption, ...] = ()
    evidence: EvidenceSettings = EvidenceSettings()
    """What has to be proved before this stack may run it. Default: nothing."""

    @property
    def local(self) -> bool:
        """Whether the engine runs on this machine."""
        return is_local(self.engine)

    @property
    def watch(self) -> ObservabilitySettings:
        """How the stack is watched, also where nobody said anything."""
        return self.observability or ObservabilitySettings()
