"""What runs in the image `tame.invalid/testbed-wan:1`: the VPN server and the witness.

The addresses are of 198.18.0.0/15, set aside for measurements (RFC 2544) and routed nowhere; the
tunnel's are ProtonVPN's, so that what a stack assumes about that provider is true here too.
"""

from typing import Final


SUBNET: Final = "198.18.53.0/24"
GATEWAY: Final = "198.18.53.1"
"""The engine's own address on the wan; the server's and the witness's ports are published on it."""
SERVER: Final = "198.18.53.2"
"""Where traffic of a tunnel comes from."""
WITNESS: Final = "198.18.53.3"
ENDPOINT_PORT: Final = 51820
WITNESS_PORT: Final = 8080
TUNNEL_SUBNET: Final = "10.2.0.0/24"
TUNNEL_GATEWAY: Final = "10.2.0.1"
WITNESS_NAME: Final = "witness.rehearsal"
"""The only name that the provider's resolver knows."""
CONFIG: Final = "/etc/wan/wg0.conf"
"""The server's keys and peers, as `wg setconf` reads them; written by `provider`."""
