"""RemoteAccess: the way in from outside, to the user plane alone."""

from dataclasses import dataclass

import pulumi

from tame_components.domain.grouping import Part
from tame_components.domain.publishing import public_hosts
from tame_components.domain.topology import Topology
from tame_components.resources._component import token
from tame_components.resources._group import services_of, urls_of
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteAccessArgs:
    """What a RemoteAccess needs."""

    network: MediaNetwork
    """Where it lives. Its topology says which services belong here."""


class RemoteAccess(pulumi.ComponentResource):
    """The tunnel, the reverse proxy and the login in front of the user plane.

    Hosts and ingress rules follow from `tame:remote_access` and the topology. A service of another
    plane is never reachable, except behind the login.
    """

    urls: pulumi.Output[dict[str, str]]
    """Where each of its services is found from the bridge. Empty text: it has no UI."""
    hosts: pulumi.Output[dict[str, str]]
    """The public name of each service that is reachable from outside."""
    ingress: pulumi.Output[list[dict[str, str]]]
    """What a tunnel whose routes are kept at Cloudflare has to be told: `hostname` and `service`,
    the last one for everything else. Every name leads to the reverse proxy."""
    by_hand: pulumi.Output[list[dict[str, str]]]
    """What has to be typed into a reverse proxy that keeps its hosts itself (Nginx Proxy Manager):
    `proxy`, `hostname`, `forward`, and `login` where one comes first. `pulumi up` prints it, too.
    Empty: the proxy reads what TAME writes."""

    def __init__(
        self, name: str, args: RemoteAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(RemoteAccess), name, {}, opts)
        self.services = services_of(self, args.network, Part.REMOTE_ACCESS)
        self.urls = urls_of(self.services)
        topology = args.network.topology
        hosts = {one.service: one.hostname for one in public_hosts(topology)}
        self.hosts = pulumi.Output.from_input(hosts)
        self.ingress = pulumi.Output.from_input(_ingress(topology, hosts))
        typed = _typed(topology)
        self.by_hand = pulumi.Output.from_input(typed)
        for one in typed:
            line = " ".join(f"{key} {value}" for key, value in one.items() if key != "proxy")
            pulumi.log.info(f"`{one['proxy']}` keeps its hosts itself; enter by hand: {line}", self)
        self.register_outputs(
            {
                "urls": self.urls,
                "hosts": self.hosts,
                "ingress": self.ingress,
                "by_hand": self.by_hand,
            }
        )


def _ingress(topology: Topology, hosts: dict[str, str]) -> list[dict[str, str]]:
    """Form: developers.cloudflare.com, cloudflare-one, tunnel ingress rules."""
    tunnels, proxies = topology.offering("tunnel"), topology.offering("reverse-proxy")
    if not tunnels or not proxies:
        return []
    proxy = topology.url(tunnels[0].name, proxies[0].name)
    rules = [{"hostname": name, "service": proxy} for name in sorted(hosts.values())]
    return [*rules, {"hostname": "", "service": "http_status:404"}]


def _typed(topology: Topology) -> list[dict[str, str]]:
    from tame_components.generated import proxy_hosts  # noqa: PLC0415 - few stacks need it

    return proxy_hosts.by_hand(topology)
