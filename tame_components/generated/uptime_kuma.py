"""Uptime Kuma's monitors, as data.

It reads no file: monitors are made through its socket (louislam/uptime-kuma, server/server.js at
2.5.3, event `add`), which is a wire's work. They are not put into its container either: a service
more would then replace it.
"""

from collections.abc import Iterator
from typing import Any

from tame_components.domain.observability import ObservabilitySettings
from tame_components.domain.service import Service
from tame_components.domain.topology import Topology
from tame_components.generated.targets import Target, http_probes, tcp_probes


_LEAST = 20
"""Seconds between two beats: each is a row of its SQLite file."""


def monitors(topology: Topology, service: Service) -> Iterator[dict[str, Any]]:
    """What the event `add` takes, one for each service that *service* can reach, by name."""
    watch = topology.settings.watch
    for target in http_probes(topology, service):
        yield {**_monitor(target, watch), "type": "http", "url": target.address}
    for target in tcp_probes(topology, service):
        host, _, port = target.address.rpartition(":")
        yield {**_monitor(target, watch), "type": "port", "hostname": host, "port": int(port)}


def _monitor(target: Target, watch: ObservabilitySettings) -> dict[str, Any]:
    seconds = max(watch.scrape_seconds, _LEAST)
    return {
        "name": target.service,
        "description": f"{target.kind}, made by TAME",
        "interval": seconds,
        "retryInterval": seconds,
        "maxretries": watch.unhealthy_minutes * 60 // seconds,
        "accepted_statuscodes": ["200-299"],
        "notificationIDList": {},
        "conditions": [],
    }
