"""The settings of the stand-in: gluetun's environment variables, defaults and refusals."""

from dataclasses import dataclass
from typing import Final

from testbed.vpn.gluetun.reading import Interface, Network, Reader, SettingError


_PROTON_ADDRESS: Final = "10.2.0.2/32"
_MTU: Final = "1320"
_FILES: Final = "/tmp/gluetun"  # noqa: S108 - gluetun's own path, in its own container


@dataclass(frozen=True, slots=True)
class Tunnel:
    """One WireGuard connection."""

    interface: str
    private_key: str
    preshared_key: str
    addresses: tuple[Interface, ...]
    public_key: str
    endpoint_ip: str
    endpoint_port: int
    keepalive: str
    """Seconds between keepalive packets; `0` is none."""
    mtu: str


@dataclass(frozen=True, slots=True)
class Firewall:
    """What may pass besides the tunnel."""

    enabled: bool
    input_ports: tuple[int, ...]
    vpn_input_ports: tuple[int, ...]
    outbound_subnets: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What is asked through the tunnel, and whether a failure restarts it."""

    server_address: str
    targets: tuple[str, ...]
    icmp_targets: tuple[str, ...]
    small_check: str
    restart_vpn: bool


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The port that the provider forwards to this client."""

    enabled: bool
    status_file: str
    up_command: str
    down_command: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that one container was told."""

    provider: str
    tunnel: Tunnel
    firewall: Firewall
    health: Health
    forwarding: Forwarding
    control_address: str
    control_auth_file: str
    control_default_role: str
    dns_server: bool
    publicip_apis: tuple[str, ...]
    publicip_file: str


def read(reader: Reader) -> Settings:
    """The settings as gluetun reads them; values that cannot be parsed are refused.

    Raises:
        SettingError: In gluetun's words.
    """
    tunnel = _tunnel(reader)
    return Settings(
        provider=reader.text("VPN_SERVICE_PROVIDER", "private internet access").lower(),
        tunnel=tunnel,
        firewall=_firewall(reader),
        health=Health(
            server_address=reader.text("HEALTH_SERVER_ADDRESS", "127.0.0.1:9999"),
            targets=reader.items("HEALTH_TARGET_ADDRESSES", "cloudflare.com:443,github.com:443"),
            icmp_targets=reader.items("HEALTH_ICMP_TARGET_IPS", "1.1.1.1,8.8.8.8"),
            small_check=reader.text("HEALTH_SMALL_CHECK_TYPE", "icmp").lower(),
            restart_vpn=reader.flag("HEALTH_RESTART_VPN", default=True),
        ),
        forwarding=Forwarding(
            enabled=reader.flag("VPN_PORT_FORWARDING", default=False),
            status_file=reader.text("VPN_PORT_FORWARDING_STATUS_FILE", f"{_FILES}/forwarded_port"),
            up_command=reader.text("VPN_PORT_FORWARDING_UP_COMMAND"),
            down_command=reader.text("VPN_PORT_FORWARDING_DOWN_COMMAND"),
        ),
        control_address=reader.text("HTTP_CONTROL_SERVER_ADDRESS", ":8000"),
        control_auth_file=reader.text(
            "HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH", "/gluetun/auth/config.toml"
        ),
        control_default_role=reader.text("HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE", "{}"),
        dns_server=reader.flag("DNS_SERVER", default=True),
        publicip_apis=_apis(reader),
        publicip_file=reader.text("PUBLICIP_FILE", f"{_FILES}/ip"),
    )


def _firewall(reader: Reader) -> Firewall:
    return Firewall(
        enabled=reader.flag("FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT", default=True),
        input_ports=reader.ports("FIREWALL_INPUT_PORTS"),
        vpn_input_ports=reader.ports("FIREWALL_VPN_INPUT_PORTS"),
        outbound_subnets=reader.subnets("FIREWALL_OUTBOUND_SUBNETS"),
    )


def _apis(reader: Reader) -> tuple[str, ...]:
    if not reader.flag("PUBLICIP_ENABLED", default=True):
        return ()
    return reader.items("PUBLICIP_API", "ipinfo,ifconfigco,ip2location,cloudflare")


def _tunnel(reader: Reader) -> Tunnel:
    proton = reader.text("VPN_SERVICE_PROVIDER").lower() == "protonvpn"
    address = reader.address("WIREGUARD_ENDPOINT_IP", retro="VPN_ENDPOINT_IP")
    port = reader.port("WIREGUARD_ENDPOINT_PORT", retro="VPN_ENDPOINT_PORT")
    public = reader.text("WIREGUARD_PUBLIC_KEY")
    endpoint = str(address) if address and not address.is_unspecified else ""
    if proton:
        if port:
            raise SettingError(
                "provider settings: server selection: Wireguard server selection settings: "
                "endpoint port is set"
            )
        endpoint, port, public = _server(reader.text("TAME_STANDIN_SERVERS"), endpoint)
    return Tunnel(
        interface=reader.text("VPN_INTERFACE", "tun0"),
        private_key=reader.text("WIREGUARD_PRIVATE_KEY"),
        preshared_key=reader.text("WIREGUARD_PRESHARED_KEY"),
        addresses=reader.interfaces("WIREGUARD_ADDRESSES", _PROTON_ADDRESS if proton else ""),
        public_key=public,
        endpoint_ip=endpoint,
        endpoint_port=port,
        keepalive=reader.text("WIREGUARD_PERSISTENT_KEEPALIVE_INTERVAL", "0").removesuffix("s"),
        mtu=reader.text("WIREGUARD_MTU", _MTU),
    )


def _server(servers: str, wanted: str) -> tuple[str, int, str]:
    """The server that protonvpn's baked-in list would give; `TAME_STANDIN_SERVERS` is that list."""
    for server in servers.split(","):
        address, _, rest = server.strip().partition(":")
        port, _, key = rest.partition(":")
        if key and wanted in ("", address):
            return address, int(port), key
    raise SettingError("finding a VPN server: no server found: for VPN wireguard; protocol udp")
