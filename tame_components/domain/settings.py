"""The dials of a stack: what `Pulumi.<stack>.yaml` says, as one frozen value."""

import ipaddress
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from tame_components.domain.base import Frozen
from tame_components.domain.paths import DataTree, HostPath
from tame_components.domain.planes import Plane


class Environment(StrEnum):
    """What a stack is for; decides how strict the doctrine is."""

    DEV = "dev"
    SANDBOX = "sandbox"
    PROD = "prod"


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a name of the tz database, e.g., `Europe/Berlin` or `Etc/UTC`")
    return name


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _subnet(text: str) -> str:
    network = ipaddress.ip_network(text)
    if not network.is_private:
        raise ValueError("a private subnet, e.g., `10.89.0.0/24`")
    return str(network)


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Address = Annotated[str, AfterValidator(_address)]
Subnet = Annotated[str, AfterValidator(_subnet)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]


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
    host_network: bool = False
    """Only for Plex, which discovers players by broadcast."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Further plain variables; never secrets."""
    memory_mb: int | None = Field(default=None, ge=16)
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
    expires: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


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
    timezone: Annotated[str, AfterValidator(_timezone)] = "Etc/UTC"
    data: DataTree
    config_root: HostPath
    """Below it, one directory per service. On a local disk, never on a network share."""
    network: NetworkSettings = NetworkSettings()
    identity: IdentitySettings = IdentitySettings()
    exposure: ExposureSettings = ExposureSettings()
    vpn: VpnSettings | None = None
    services: dict[Name, ServiceSettings] = Field(min_length=1)
    probe_interval: int | None = Field(default=None, ge=1, le=300)
    """Seconds between probes, where that is quicker than the catalog. Default: the catalog's."""
    wait_timeout: int = Field(default=180, ge=5, le=3600)
    """Seconds that `pulumi up` waits for a service to become healthy."""
    protect: bool = False
    """Whether Pulumi refuses to delete the networks and containers of the stack."""
    exemptions: tuple[Exemption, ...] = ()
