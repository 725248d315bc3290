"""What a stack is told about the provider."""

from dataclasses import dataclass, field
from typing import Final

from testbed.vpn import wan


NETWORK: Final = "tame-testbed-wan"


@dataclass(frozen=True, slots=True)
class Hit:
    """One request that reached the witness."""

    at: float
    """Seconds since 1970, by the engine's clock."""
    source: str
    """`Provider.public_ip` if it came through the tunnel, anything else if it leaked."""
    path: str


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider as one of its clients sees it."""

    server_public_key: str
    client_private_key: str = field(repr=False)
    """Secret."""
    client_address: str
    """In the tunnel, with its prefix length."""
    network: str = NETWORK
    """Where the server and the witness are; a stack does not join it."""
    endpoint_ip: str = wan.GATEWAY
    endpoint_port: int = wan.ENDPOINT_PORT
    witness_url: str = f"http://{wan.GATEWAY}:{wan.WITNESS_PORT}"
    """The same with and without the tunnel. `/ip` answers the caller's address."""
    public_ip: str = wan.SERVER
    """What the witness sees of a client whose tunnel works."""
    tunnel_gateway: str = wan.TUNNEL_GATEWAY
    """Answers pings, NAT-PMP and names."""

    def environment(self) -> dict[str, str]:
        """The plain environment that makes gluetun, real or stand-in, this provider's client.

        The private key is not in it: it belongs in `/run/secrets/wireguard_private_key`.
        """
        witness = f"{wan.GATEWAY}:{wan.WITNESS_PORT}"
        return {
            "VPN_SERVICE_PROVIDER": "custom",
            "VPN_TYPE": "wireguard",
            "WIREGUARD_PUBLIC_KEY": self.server_public_key,
            "WIREGUARD_ADDRESSES": self.client_address,
            "WIREGUARD_ENDPOINT_IP": self.endpoint_ip,
            "WIREGUARD_ENDPOINT_PORT": str(self.endpoint_port),
            "HEALTH_TARGET_ADDRESSES": witness,
            "HEALTH_ICMP_TARGET_IPS": self.tunnel_gateway,
            "PUBLICIP_API": f"echoip#{self.witness_url}",
        }
