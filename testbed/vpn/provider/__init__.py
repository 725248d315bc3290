"""The rehearsal VPN provider: a WireGuard server and a witness on a network of their own.

>>> from testbed.vpn.provider import ensure
>>> provider = ensure("unix:///run/tame-engine/docker.sock", client="dev")  # doctest: +SKIP
>>> provider.environment()["WIREGUARD_ENDPOINT_IP"]  # doctest: +SKIP
'198.18.53.1'

A stack's containers join no network of the provider: as at home, the endpoint and the witness lie
beyond the engine's default route. Both are published on the engine's own address on the wan, so a
request that leaves without the tunnel reaches the witness too, from another address: a leak shows.
"""

from testbed.vpn.provider.deploy import ensure, hits, remove
from testbed.vpn.provider.model import Hit, Provider


__all__ = ["Hit", "Provider", "ensure", "hits", "remove"]
