"""What can be asked of each service, and where: the targets of Prometheus."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tame_components.domain.base import Frozen
from tame_components.domain.errors import WireUnreachable
from tame_components.domain.publishing import public_hosts
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology


PROBES, METRICS, LOGS = "probes", "metrics-store", "log-store"
HOST_METRICS, CONTAINER_METRICS, APP_METRICS = "host-metrics", "container-metrics", "app-metrics"
"""What the services that watch offer, in the catalog's words."""

_URL = re.compile(r"https?://[^\s'\"]+")
_FAILS = re.compile(r"-[a-zA-Z]*f[a-zA-Z]*|--fail.*")


class Target(Frozen):
    """One thing that is asked again and again."""

    service: str
    """Whom the answer is about; for an exporter, the service that it watches."""
    kind: str
    """Of that service's application, e.g. `media-server`."""
    plane: str
    gateway: str | None = None
    """The VPN gateway in whose network namespace the service lives; a gateway's is itself."""
    address: str
    """`host:port`, or a URL where the way matters."""
    path: str = "/metrics"
    offers: frozenset[str] = frozenset()
    """What the one that answers offers: it says what the answer is about."""

    @property
    def labels(self) -> dict[str, str]:
        """What Prometheus keeps with each figure of this target."""
        labels = {"service": self.service, "kind": self.kind, "plane": self.plane}
        return {**labels, "gateway": self.gateway} if self.gateway else labels


def metrics(topology: Topology, asker: Service) -> Iterator[Target]:
    """Who answers Prometheus itself, as *asker* reaches them; exporters name whom they watch."""
    for service in topology.services:
        facts = service.app.metrics
        if facts is None or facts.by != "itself":
            continue
        url = reached(topology, asker, service, facts.port)
        if url:
            target = _target(topology, watched(topology, service), urlsplit(url).netloc)
            found = {"path": facts.path, "offers": service.app.offered}
            yield target.model_copy(update=found)


def http_probes(topology: Topology, asker: Service) -> Iterator[Target]:
    """The URL of each probe that is one, as *asker* reaches it."""
    for service in topology.services:
        path = probe_path(service)
        url = reached(topology, asker, service) if path else None
        if url and path and service.name != asker.name:
            yield _target(topology, service, f"{url}{path}")


def tcp_probes(topology: Topology, asker: Service) -> Iterator[Target]:
    """The first port of each service whose own probe is no URL, as *asker* reaches it."""
    for service in topology.services:
        port = next((port.name for port in service.app.ports if port.protocol == "tcp"), None)
        if probe_path(service) or port is None or service.name == asker.name:
            continue
        url = reached(topology, asker, service, port)
        if url:
            yield _target(topology, service, urlsplit(url).netloc)


def certificates(topology: Topology) -> Iterator[Target]:
    """The public names of the stack, at the port where they show a certificate."""
    for one in public_hosts(topology):
        yield _target(topology, topology.service(one.service), f"{one.hostname}:443")


def probe_path(service: Service) -> str | None:
    """The path that the service's own probe asks its UI for, e.g. `/ping`.

    None where it asks no URL, or takes any answer for a good one, a refusal too.
    """
    port, probe = service.app.port(), service.app.probe
    if probe is None or port is None or _takes_any_answer(probe.test):
        return None
    for part in probe.test:
        for found in _URL.findall(part):
            asked = urlsplit(found)
            if asked.port == port.number:
                return (asked.path or "/") + (f"?{asked.query}" if asked.query else "")
    return None


def _takes_any_answer(test: Sequence[str]) -> bool:
    """Whether curl is told nothing of failing (curl.se/docs/manpage.html#-f)."""
    runs_curl = any(part.rpartition("/")[2] == "curl" for part in test[:2])
    return runs_curl and not any(_FAILS.fullmatch(part) for part in test)


def watched(topology: Topology, service: Service) -> Service:
    """Whom the figures of *service* are about: itself, unless it is an exporter's."""
    if APP_METRICS not in service.app.offered:
        return service
    wires = topology.wires_from(service.name)
    return topology.service(wires[0].target) if wires else service


def reached(topology: Topology, asker: Service, service: Service, port: str = "ui") -> str | None:
    """The URL at which *asker* finds *service*; None where they never meet or nothing listens."""
    if service.app.port(port) is None or service.app.runs != "always":
        return None
    try:
        return topology.url(asker.name, service.name, port)
    except WireUnreachable:  # e.g. a proxy that only its callers may meet
        return None


def _target(topology: Topology, service: Service, address: str) -> Target:
    gateways = {gateway.name for gateway in topology.gateways}
    return Target(
        service=service.name,
        kind=service.app.kind,
        plane=service.plane,
        gateway=service.home if service.home in gateways else None,
        address=address,
    )
