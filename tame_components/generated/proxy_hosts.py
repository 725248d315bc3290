"""What a reverse proxy has to be told by hand, where it keeps its hosts in its own database."""

from tame_components.domain.publishing import LOGIN, public_hosts
from tame_components.domain.topology import Topology
from tame_components.generated import generator_of


def by_hand(topology: Topology) -> list[dict[str, str]]:
    """A line for each public name of each such proxy; none where the proxy reads our files.

    `forward` is the address as the proxy finds it; `login`, for a guarded name, the one that asks.
    """
    logins = topology.offering(LOGIN)
    return [
        {
            "proxy": proxy.name,
            "hostname": host.hostname,
            "forward": topology.url(proxy.name, host.service),
            **({"login": topology.url(proxy.name, logins[0].name)} if host.guarded else {}),
        }
        for proxy in topology.offering("reverse-proxy")
        if generator_of(proxy.app.name) is None
        for host in public_hosts(topology)
    ]
